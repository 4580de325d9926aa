import Curl
import Presence

extension SettingGroup {
    static let webhooks = SettingGroup(
        "Webhooks",
        note:
            "Programs that are told by HTTP what changes, each in order and without a gap: docs/webhooks.md. None"
            + " unless webhook is set.",
        takesEffect: .atStart,
        [
            Setting(
                "webhook",
                \.webhooks.addresses,
                .addresses,
                isRepeatable: true,
                "Where changes are sent; several URLs are separated by blanks, or have a line each."
            ),
            Setting(
                "webhook_secret_file",
                \.webhooks.secretFile,
                .optional(.path),
                "The file whose first line is the key that requests are signed with: 'whsec_' and base64, or any"
                    + " other text. Nobody but the bridge may read it."
            ),
            Setting(
                "webhook_cafile",
                \.webhooks.cafile,
                .optional(.path),
                "The file of the authorities whose certificates are trusted, in place of the system's."
            ),
            Setting(
                "webhook_events",
                \.webhooks.events,
                .events,
                "Which kinds of change are sent."
            ),
            Setting(
                "webhook_batch",
                \.webhooks.batch,
                .integer(1...1_000, "changes"),
                "The most changes in one request."
            ),
            Setting(
                "webhook_delay",
                \.webhooks.delay,
                .duration(.zero...(.seconds(60))),
                "How long a change waits for others, to be sent together."
            ),
            Setting(
                "webhook_keep",
                \.webhooks.keep,
                .duration(second...(.seconds(365 * 86_400)), whole: true),
                "How long changes wait for a receiver that is away. Of what is older each user's newest change"
                    + " alone is sent."
            ),
            Setting(
                "webhook_rows",
                \.webhooks.rows,
                .integer(1...1_000_000_000, "changes"),
                "How many changes wait, about, for a receiver that is away. Past it each user's newest alone do, and"
                    + " then the oldest of those are left out."
            ),
        ]
    )
}

extension ValueKind where Value == [WebAddress] {
    fileprivate static var addresses: Self {
        Self(allowed: "URLs that begin with http:// or https://") { text throws(BadValue) in
            var addresses: [WebAddress] = []
            for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                guard word.utf8.count <= 2_048 else {
                    throw BadValue("has a URL of more than 2048 bytes")
                }
                // What it is may be secret.
                guard let address = WebAddress(String(word)) else {
                    throw BadValue(
                        "has something, in place \(addresses.count + 1), that is no such URL"
                    )
                }
                guard !addresses.contains(address) else {
                    throw BadValue("has \(quoted(address.shown)) twice")
                }
                addresses.append(address)
            }
            return addresses
        } show: { addresses in
            // Names, passwords and queries are secrets.
            addresses.isEmpty ? nil : addresses.map(\.shown).joined(separator: " ")
        }.unquoted()
    }
}

extension ValueKind where Value == Set<LoggedChange.Kind> {
    fileprivate static var events: Self {
        let words = LoggedChange.Kind.allCases.map(\.rawValue)
        return Self(allowed: "out of \(words.joined(separator: ", "))") { text throws(BadValue) in
            var kinds: Set<LoggedChange.Kind> = []
            for word in text.split(whereSeparator: { " \t,".contains($0) }) {
                guard let kind = LoggedChange.Kind(rawValue: String(word)) else {
                    throw BadValue("has \(quoted(String(word))), which is none of them")
                }
                kinds.insert(kind)
            }
            guard !kinds.isEmpty else { throw BadValue("has none of them") }
            return kinds
        } show: { kinds in
            LoggedChange.Kind.allCases.filter(kinds.contains).map(\.rawValue).joined(separator: " ")
        }.completed(by: .words(words))
    }
}
