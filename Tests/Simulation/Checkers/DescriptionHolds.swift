import Presence
import PresenceCore

/// What a user has published, and was acknowledged, is its description at the next rest.
///
/// A `publish` that was never answered may have been carried out or not. A description whose end
/// the clock has passed may be gone, and is gone when that was seconds ago; it goes with a user who
/// is forgotten.
package struct DescriptionHolds: Checker {
    package static let rule = "the description is the one that was acknowledged last"

    private static let slack: Int64 = 2_000

    /// A description that a user may have, and when it goes away by itself.
    private struct Words: Hashable {
        var text = ""
        var ends: ClosedRange<Int64>?
    }

    private struct Pending {
        var tag: String
        var text: String
        var expiry: Int64?
        var unix: Int64
    }

    private let forgetAfter: Int64
    private var words: [String: [Words]] = [:]
    /// When each user who is offline was updated, in Unix seconds.
    private var left: [String: Int64] = [:]
    private var pending: [String: [Pending]] = [:]
    private var names: [UserID: String] = [:]
    private var clock = WallClock()
    /// The span of what the clock has shown since the last rest, in milliseconds.
    private var shown: ClosedRange<Int64>?

    package init(_ limits: CheckedLimits) { forgetAfter = limits.forgetAfter }

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        let unix = entry.time.unix
        if let before = clock.read(entry.time) { shown = Self.span(shown, before) }
        shown = Self.span(shown, unix)
        switch entry.event {
        case .asked(let request) where request.operation == "publish":
            take(request, at: unix)
        case .answered(let answer) where answer.operation == "publish":
            take(answer, at: unix)
        case .status(let user, nil): words[user] = nil
        case .status(let user, let status?):
            // One who is back in the turn in which it is forgotten begins anew, and nothing is cleared.
            if let updated = left.removeValue(forKey: user), status.description.isEmpty,
                forgetAfter > 0, (updated + forgetAfter) * 1_000 <= unix
            {
                mayLose(user)
            }
            if !status.online { left[user] = status.updated }
        case .stored(let changes): note(changes)
        case .rest(let rest):
            for user in Set(rest.answers.keys).union(words.keys).union(pending.keys).sorted() {
                compare(rest, user, at: entry.time, &breaches)
            }
            pending = [:]
            shown = nil
        default: break
        }
    }

    private static func span(_ span: ClosedRange<Int64>?, _ unix: Int64) -> ClosedRange<Int64> {
        guard let span else { return unix...unix }
        guard !span.contains(unix) else { return span }
        return min(span.lowerBound, unix)...max(span.upperBound, unix)
    }

    private mutating func take(_ request: RequestSeen, at unix: Int64) {
        guard let object = request.payload?.object, let text = object["description"]?.string else {
            return
        }
        pending[request.user, default: []].append(
            Pending(
                tag: request.tag,
                text: text,
                expiry: text.isEmpty ? nil : object["expiry"]?.integer,
                unix: unix
            )
        )
    }

    private mutating func take(_ answer: AnswerSeen, at unix: Int64) {
        let user = answer.user
        guard let place = pending[user]?.firstIndex(where: { $0.tag == answer.tag }),
            let request = pending[user]?[place]
        else { return }
        guard answer.code == nil, let text = answer.content.object?["description"]?.string else {
            pending[user]?.remove(at: place)
            return
        }
        // Answers come in the order of the requests: those before it are overtaken.
        pending[user]?.removeFirst(place + 1)
        words[user] = [Words(text: text, ends: ends(of: request, by: unix...unix))]
    }

    private func ends(of request: Pending, by span: ClosedRange<Int64>) -> ClosedRange<Int64>? {
        request.expiry.map { expiry in
            let first = (min(request.unix, span.lowerBound) + 999) / 1_000 + expiry
            let last = (max(request.unix, span.upperBound) + 999) / 1_000 + expiry
            return first...max(first, last)
        }
    }

    /// A user who is forgotten in the store, and not on its topic, may have nothing any more.
    private mutating func note(_ changes: [Change]) {
        for change in changes {
            switch change {
            case .putUser(let record):
                names[record.id] = record.name.text
                if record.seq == 0 { mayLose(record.name.text) }
            case .removeUser(let id):
                if let name = names.removeValue(forKey: id) { mayLose(name) }
            default: break
            }
        }
    }

    private mutating func mayLose(_ user: String) {
        if words[user] != nil { words[user]?.append(Words()) }
    }

    private mutating func compare(
        _ rest: Rest,
        _ user: String,
        at time: Instant,
        _ breaches: inout [String]
    ) {
        let span = shown ?? time.unix...time.unix
        var possible = words[user] ?? [Words()]
        for request in pending[user] ?? [] {
            possible.append(Words(text: request.text, ends: ends(of: request, by: span)))
        }
        let text = rest.answers[user]?.description ?? rest.statuses[user]?.description ?? ""
        let earliest = clock.earliest(at: time) - Self.slack
        let fitting = possible.filter { words in
            guard let ends = words.ends else { return words.text == text }
            if text.isEmpty { return ends.lowerBound * 1_000 <= span.upperBound }
            return words.text == text && ends.upperBound * 1_000 > earliest
        }
        guard fitting.isEmpty else {
            // An end that was passed is passed for good.
            words[user] = text.isEmpty ? nil : fitting
            return
        }
        let expected = possible.map { "\"\($0.text)\"" }.joined(separator: " or ")
        breaches.append("\(user)'s description is \"\(text)\" instead of \(expected)")
        words[user] = text.isEmpty ? nil : [Words(text: text)]
    }
}
