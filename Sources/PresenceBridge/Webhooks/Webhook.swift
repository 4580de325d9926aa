import Curl
import Presence
import PresenceCore

/// Where changes are sent, which, and how: one receiver's part of the configuration.
package struct Webhook: Sendable {
    /// The receiver; its URL is what the webhook is known by.
    package var address: WebAddress
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
        settings.webhooks.addresses.map { Webhook(settings.webhooks, address: $0) }
    }

    private init(_ settings: Settings.Webhooks, address: WebAddress) {
        self.address = address
        secret = settings.secret
        cafile = settings.cafile
        kinds = settings.events
        batch = settings.batch
        delay = settings.delay.milliseconds
        keep = settings.keep.components.seconds
        rows = Int64(settings.rows)
    }
}
