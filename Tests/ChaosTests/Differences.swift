import Crowd
import Foundation
import Presence

/// Where what is found differs from what is true, each in a line.
enum Differences {
    /// Compares what is retained.
    static func between(_ truth: Truth, _ found: RetainedState) -> [String] {
        var lines: [String] = []
        for user in truth.names {
            lines += statusDiffers(user, truth, found.statuses[user])
            lines += devicesDiffer(user, truth, found.devices[user] ?? [:])
        }
        let strangers = Set(found.statuses.keys).union(found.devices.keys)
            .subtracting(truth.names)
        for name in strangers.sorted() { lines.append("\(name) is nobody, and has topics") }
        if found.serving.count != 1 {
            lines.append("the bridges: expected one that is online, found \(found.bridges)")
        }
        return lines
    }

    private static func statusDiffers(
        _ user: String,
        _ truth: Truth,
        _ found: JSONValue?
    ) -> [String] {
        let (visible, word) = (truth.visible(user), truth.word(user))
        guard let status = found else {
            let words = truth.descriptions[user] ?? ""
            return visible.isEmpty && words.isEmpty
                ? [] : ["status of \(user): expected \(word) \(visible) \"\(words)\", found none"]
        }
        guard let seen = SeenStatus(status) else { return ["status of \(user): found \(status)"] }
        var lines: [String] = []
        if seen.status != word || seen.devices != visible
            || status.object?["online"]?.bool != !visible.isEmpty
        {
            lines.append(
                "status of \(user): expected \(word) \(visible), found \(seen.status) "
                    + "\(seen.devices)"
            )
        }
        let description = truth.descriptions[user] ?? ""
        if status.object?["description"]?.string != description {
            lines.append(
                "description of \(user): expected \"\(description)\", found "
                    + "\(status.object?["description"] ?? .null)"
            )
        }
        return lines
    }

    /// The topic of a device that is there has its word, and that of any other one none by which it
    /// would be there.
    private static func devicesDiffer(
        _ user: String,
        _ truth: Truth,
        _ found: [String: String]
    ) -> [String] {
        let expected = truth.devices[user] ?? [:]
        return Set(expected.keys).union(found.keys).sorted().compactMap { device in
            let word = found[device].map(Self.word)
            switch (expected[device], word) {
            case (let right?, let word) where right == word: return nil
            // To the bridge it has gone, and may be forgotten.
            case ("invisible"?, nil): return nil
            // Nobody sees an invisible device that was lost with the broker.
            case (nil, "offline"?), (nil, "lost"?), (nil, "invisible"?):
                return device == "litter" ? "topic of \(user)/litter: expected none" : nil
            default:
                return "topic of \(user)/\(device): expected \(expected[device] ?? "none"), found "
                    + (found[device].map { String($0.prefix(100)) } ?? "none")
            }
        }
    }

    /// The word of a statement.
    private static func word(_ text: String) -> String {
        guard text.hasPrefix("{") else { return text }
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else { return text }
        return value.object?["status"]?.string ?? "online"
    }

    /// Compares what watchers were told with what is retained: events and one `sync` after whatever
    /// happened bring all of it.
    static func inViews(_ truth: Truth, _ found: RetainedState, now: Int64) -> [String] {
        var lines: [String] = []
        for (watcher, view) in truth.views.sorted(by: { $0.key < $1.key }) {
            let subscriptions = truth.subscriptions[watcher] ?? [:]
            for (name, expires) in subscriptions.sorted(by: { $0.key < $1.key })
            where expires > now + 5 {
                let seen = view[name]
                let status = found.statuses[name].flatMap { SeenStatus($0) }
                if seen?.status ?? "offline" != status?.status ?? "offline"
                    || seen?.devices ?? [:] != status?.devices ?? [:]
                {
                    lines.append(
                        "\(watcher) believes of \(name): \(seen.map(text) ?? "nothing"), found "
                            + (status.map(text) ?? "nothing")
                    )
                }
            }
        }
        return lines
    }

    private static func text(_ seen: SeenStatus) -> String {
        "\(seen.status) \(seen.devices) seq \(seen.seq)"
    }

    /// Compares a user's subscriptions with the answer to `subscriptions`.
    static func inSubscriptions(
        of user: String,
        _ expected: [String: Int64],
        _ answer: JSONValue,
        now: Int64
    ) -> [String] {
        var found: [String: Int64] = [:]
        for entry in answer.object?["subscriptions"]?.array ?? [] {
            if let name = entry.object?["username"]?.string,
                let expires = entry.object?["expires"]?.integer
            {
                found[name] = expires
            }
        }
        var lines: [String] = []
        for name in Set(expected.keys).union(found.keys).sorted() {
            switch (expected[name], found[name]) {
            case (nil, let expires?):
                lines.append("\(user) is subscribed to \(name) until \(expires), and unsubscribed")
            case (let expires?, nil) where expires > now + 1:
                lines.append("\(user) is not subscribed to \(name), acknowledged until \(expires)")
            // What was asked twice, since the answer came late, lasts from the second time on.
            case (let expires?, let end?) where end < expires || end > expires + 60:
                lines.append("\(user) to \(name): acknowledged until \(expires), found \(end)")
            case (_, let end?) where end < now - 1:
                lines.append("\(user) to \(name) has expired at \(end), and is still there")
            default: break
            }
        }
        return lines
    }
}
