import Presence

/// What a bridge that runs has said of one user, in words for the operator: why it is as it is.
public struct Explanation {
    private let answer: JSONObject
    private let stamp: (Int64) -> String

    /// Reads an answer; `nil` for what is none.
    ///
    /// - Parameter stamp: Writes a Unix second as date and time of here.
    public init?(_ json: [UInt8], stamp: @escaping (Int64) -> String) {
        guard let answer = (try? JSONValue(parsing: json))?.object,
            answer["status"]?.object != nil, answer["devices"]?.array != nil
        else { return nil }
        self.answer = answer
        self.stamp = stamp
    }

    /// The lines, the answer to the question first.
    public var lines: [String] {
        var lines = head
        for device in answer["devices"]?.array ?? [] {
            if let device = device.object { lines += self.lines(of: device) }
        }
        for refused in answer["refused"]?.array ?? [] {
            guard let refused = refused.object else { continue }
            lines.append(
                "\((refused["device"]?.string ?? "").onOneLine): a statement was refused at "
                    + "\(at(refused["time"]?.integer ?? 0)): \((refused["message"]?.string ?? "").onOneLine) "
                    + "(\(refused["code"]?.string ?? ""))"
            )
        }
        lines.append(watching)
        switch answer["changes"] {
        case .array(let changes)?:
            lines.append(changes.isEmpty ? "no change is kept of it" : "its last changes:")
            lines += changes.compactMap { $0.object.map { "  \(words(of: $0))" } }
        default: lines.append("what has changed before is not known: no history is kept")
        }
        return lines
    }

    private var now: Int64 { answer["time"]?.integer ?? 0 }
    private var status: JSONObject { answer["status"]?.object ?? JSONObject([]) }
    private var user: String { (status["username"]?.string ?? "").onOneLine }

    // MARK: - The user

    private var head: [String] {
        let word = status["status"]?.string ?? ""
        guard let since = status["since"]?.integer else {
            return [
                "\(user) was never seen, or was forgotten since: is the name right, and does a device of it "
                    + "state itself on its topic?"
            ]
        }
        var lines: [String] = []
        if status["online"]?.bool == true {
            lines.append("\(user) is \(word), and online since \(at(since))")
        } else {
            let cause = status["cause"]?.string ?? ""
            lines.append("\(user) is offline (\(cause)), and was last seen at \(at(since))")
            if let meaning = Self.meanings[cause] { lines.append("  \(meaning)") }
        }
        if let description = status["description"]?.string, !description.isEmpty {
            let end = answer["descriptionExpires"]?.integer.map { ", until \(stamp($0))" } ?? ""
            lines.append("  says of itself: \(quoted(description))\(end)")
        }
        return lines
    }

    private static let meanings = [
        "logout": "the last device said that it goes, or its topic was emptied",
        "lost": "the connection of the last device broke, and it was not back within offline_grace",
        "ttl": "the last device had promised to state itself again, and did not",
        "restart":
            "the broker was restarted, and the last device was not back within broker_restart_grace",
    ]

    private var watching: String {
        let count = { (key: String) in Int(clamping: answer[key]?.integer ?? 0) }
        let everyone = answer["watchesEveryone"]?.bool == true ? ", and to everyone" : ""
        let others = count("watchersOfEveryone")
        return "subscribed to \(count("subscriptions").of("user"))\(everyone); watched by "
            + count("watchers").of("user")
            + (others > 0 ? ", and by \(others.of("user")) who are subscribed to everyone" : "")
    }

    // MARK: - Its devices

    private func lines(of device: JSONObject) -> [String] {
        let name = (device["device"]?.string ?? "").onOneLine
        let counts = device["shows"]?.string.map { "counts as \($0)" } ?? "counts as offline"
        guard let says = device["says"]?.string else {
            return ["\(name): \(counts); it has not spoken yet"]
        }
        var words = "\(name): \(counts)"
        let verdict = device["verdict"]?.string
        if let verdict {
            words += "; the bridge declared it gone (\(verdict))"
        } else {
            words += "; it said \(says)"
        }
        if let heard = device["heard"]?.integer {
            words += verdict == nil ? " at \(at(heard))" : ", it spoke last at \(at(heard))"
        }
        if let session = device["session"]?.string { words += ", session \(quoted(session))" }
        if let ttl = device["ttl"]?.integer { words += ", ttl \(ttl) s" }
        return [words] + reasons(device).map { "  \($0)" }
    }

    private func reasons(_ device: JSONObject) -> [String] {
        var reasons: [String] = []
        if let ends = device["ttlEnds"]?.integer {
            reasons.append("its ttl ends in \(left(ends))")
        }
        if let grace = device["grace"]?.object, let ends = grace["ends"]?.integer {
            let cause = grace["cause"]?.string ?? ""
            reasons.append("a grace runs (\(cause)): it has \(left(ends)) to come back")
        }
        if let doubt = device["doubt"]?.object {
            let end = doubt["ends"]?.integer.map { ": it has \(left($0)) to state itself" } ?? ""
            switch doubt["reason"]?.string {
            case "asked": reasons.append("in doubt, and asked whether it is there\(end)")
            case "restart":
                reasons.append("it has not spoken since the broker was restarted\(end)")
            default: reasons.append("the will of another connection came, which was not believed")
            }
        }
        if device["deferred"]?.bool == true {
            reasons.append("a later statement waits, since its user states more than device_rate")
        }
        if let adopted = device["adopted"]?.object { reasons.append(words(ofAdopted: adopted)) }
        return reasons
    }

    private func words(ofAdopted adopted: JSONObject) -> String {
        let topic = adopted["topic"]?.string ?? ""
        var words = topic.isEmpty ? "adopted" : "adopted from \(quoted(topic))"
        if let gateway = adopted["gateway"]?.string {
            words += ", behind the gateway \(quoted(gateway))"
            switch adopted["gatewayOnline"]?.bool {
            case true?: words += ", which is there"
            case false?: words += ", which has gone"
            case nil: words += ", which has said nothing yet"
            }
        }
        return words
    }

    // MARK: - Changes

    private func words(of change: JSONObject) -> String {
        let status = change["status"]?.object
        let cause = status?["cause"]?.string.map { " (\($0))" } ?? ""
        let devices = (status?["devices"]?.object?.entries).map { entries in
            entries.map { "\($0.key.onOneLine) \($0.value.string ?? "")" }.joined(separator: ", ")
        }
        return "\(stamp(change["time"]?.integer ?? 0))  \(change["type"]?.string ?? ""): "
            + "\(status?["status"]?.string ?? "")\(cause)"
            + (devices.map { $0.isEmpty ? "" : ", \($0)" } ?? "")
    }

    // MARK: - Words

    private func at(_ second: Int64) -> String {
        "\(stamp(second)) (\(length(now.subtractingSaturated(second))) ago)"
    }

    private func left(_ second: Int64) -> String { length(second.subtractingSaturated(now)) }

    private func length(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    private func quoted(_ text: String) -> String { "\"\(text.onOneLine)\"" }
}
