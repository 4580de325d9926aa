import Curl
import Presence
import PresenceCore

/// Where changes are sent, which, and how: one receiver's part of the configuration.
package struct Webhook: Sendable {
    /// The receiver; its URL is what the webhook is known by.
    package var address: WebAddress
    /// What it is called in the log and the metrics: the URL without its secrets, with a number behind it where
    /// several look alike.
    package var name: String
    /// The key that requests are signed with; `nil` where they are not.
    package var secret: [UInt8]?
    /// The file of the authorities that are trusted; `nil` for the system's.
    package var cafile: String?
    /// The kinds of change that are sent.
    package var kinds: Set<LoggedChange.Kind>
    /// The most changes in one request.
    package var batch: Int
    /// How long a change waits for others, in milliseconds.
    package var delay: Int64
    /// How long changes wait for a receiver that is away, in seconds.
    package var keep: Int64
    /// How many changes wait for it.
    package var rows: Int64

    /// The webhooks that a configuration names.
    package static func all(in settings: Settings) -> [Webhook] {
        var seen: [String: Int] = [:]
        return settings.webhooks.addresses.map { address in
            let number = seen[address.shown, default: 0] + 1
            seen[address.shown] = number
            let name = number == 1 ? address.shown : "\(address.shown) (\(number))"
            return Webhook(settings.webhooks, address, named: name)
        }
    }

    private init(_ settings: Settings.Webhooks, _ address: WebAddress, named name: String) {
        self.address = address
        self.name = name
        secret = settings.secret
        cafile = settings.cafile
        kinds = settings.events
        batch = settings.batch
        delay = settings.delay.milliseconds
        keep = settings.keep.components.seconds
        rows = Int64(settings.rows)
    }
}
