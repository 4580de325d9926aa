import Presence

/// Who may write and read what: the protocol's table, by the login that the broker has checked.
///
/// It works on the bytes of topics where they lie, since the broker asks for every message that it
/// receives, and once more for each reader that it sends it to.
public struct Access: Sendable {
    /// What a client is about to do.
    public enum Act: Hashable, Sendable {
        /// It is sent a message.
        case read
        /// It publishes one, or its will does.
        case write
        /// It subscribes to a filter.
        case subscribe
        /// It unsubscribes from a filter.
        case unsubscribe
    }

    /// What an act is to the protocol's table.
    public enum Verdict: Hashable, Sendable {
        /// The act is allowed.
        case allowed
        /// The act is about presence, and not allowed.
        case denied
        /// The act is not about presence.
        case other
    }

    private enum Role {
        case bridge
        case monitor
        case user
    }

    private let head: [UInt8]
    private let bridges: [[UInt8]]
    private let monitors: [[UInt8]]
    private let readers: PluginOptions.StatusReaders

    /// The rights that the options give.
    public init(_ options: PluginOptions) {
        head = Array(options.topicPrefix.utf8) + [slash]
        bridges = options.bridgeUsers.map { Array($0.utf8) }
        monitors = options.monitorUsers.map { Array($0.utf8) }
        readers = options.statusReaders
    }

    /// Whether a login is a bridge's.
    public func isBridge(_ user: Span<UInt8>) -> Bool { bridges.contains { user.equals($0.span) } }

    /// Judges an act.
    ///
    /// - Parameters:
    ///   - topic: The topic, or the filter of a subscription.
    ///   - user: The login, or no bytes for who has none.
    public func judge(_ act: Act, _ topic: Span<UInt8>, by user: Span<UInt8>) -> Verdict {
        if topic.count > 0, topic[0] == UInt8(ascii: "$") {
            return judgeSpecial(act, topic, by: user)
        }
        guard let start = start(of: topic) else { return .other }
        return judge(act, topic, from: start, by: user) ? .allowed : .denied
    }

    /// Where the levels below the prefix begin; `nil` if the topic is not below it.
    private func start(of topic: Span<UInt8>) -> Int? {
        if topic.begins(with: head.span) { return head.count }
        // The prefix by itself is a topic of the service's, too, and nobody's.
        let isPrefix = topic.equals(head.span.extracting(droppingLast: 1))
        return isPrefix ? topic.count : nil
    }

    private func role(of user: Span<UInt8>) -> Role {
        if isBridge(user) { return .bridge }
        return monitors.contains { user.equals($0.span) } ? .monitor : .user
    }

    private func judge(
        _ act: Act,
        _ topic: Span<UInt8>,
        from start: Int,
        by user: Span<UInt8>
    ) -> Bool {
        // A login that is no name of a user has no presence, and no rights: `a/b` would own topics of
        // the user `a`.
        guard Name.isName(user, longest: Name.longestUser) else { return act == .unsubscribe }
        switch (act, role(of: user)) {
        case (.unsubscribe, _), (_, .bridge), (.read, .monitor), (.subscribe, .monitor): return true
        case (.write, _): return mayWrite(topic, TopicLevels(of: topic, from: start), user)
        case (.read, _): return mayRead(topic, TopicLevels(of: topic, from: start), user)
        case (.subscribe, _): return maySubscribe(topic, TopicLevels(of: topic, from: start), user)
        }
    }

    /// A user writes what its devices state and what they ask.
    private func mayWrite(_ topic: Span<UInt8>, _ levels: TopicLevels, _ user: Span<UInt8>) -> Bool
    {
        guard topic.has(user, at: levels[1]) else { return false }
        return levels.count == 3 && topic.has("device", at: levels[0])
            || levels.count == 4 && topic.has("request", at: levels[0])
    }

    /// A user reads its answers, its events, the bridge's state, and statuses as far as that goes.
    private func mayRead(_ topic: Span<UInt8>, _ levels: TopicLevels, _ user: Span<UInt8>) -> Bool {
        guard levels.count >= 2 else { return false }
        let kind = levels[0]
        let isOwn = topic.has(user, at: levels[1])
        if topic.has("response", at: kind) { return isOwn }
        guard levels.count == 2 else { return false }
        if topic.has("event", at: kind) { return isOwn }
        if topic.has("bridge", at: kind) { return true }
        return topic.has("status", at: kind) && mayReadStatus(isOwn: isOwn)
    }

    private func mayReadStatus(isOwn: Bool) -> Bool {
        switch readers {
        case .everyone: true
        case .own: isOwn
        case .none: false
        }
    }

    /// A filter is refused if nothing that the user may read can match it: better than silence.
    private func maySubscribe(
        _ filter: Span<UInt8>,
        _ levels: TopicLevels,
        _ user: Span<UInt8>
    ) -> Bool {
        if filter.has("#", at: levels[0]) { return true }
        let isAnyKind = filter.has("+", at: levels[0])
        func isKind(_ kind: StaticString) -> Bool { isAnyKind || filter.has(kind, at: levels[0]) }
        guard levels.count >= 2 else { return false }
        let isAnybody = filter.has("+", at: levels[1]) || filter.has("#", at: levels[1])
        let isOwn = isAnybody || filter.has(user, at: levels[1])
        if isKind("response"), isOwn { return true }
        // What is below the second level is nobody's; `x/y/#` matches `x/y` as well.
        guard levels.count == 2 || levels.count == 3 && filter.has("#", at: levels[2]) else {
            return false
        }
        if isKind("bridge") || isKind("event") && isOwn { return true }
        return isKind("status") && mayReadStatus(isOwn: isOwn)
    }

    /// Topics that begin with `$`: the plugin's own, the broker's figures, shared subscriptions.
    private func judgeSpecial(
        _ act: Act,
        _ topic: Span<UInt8>,
        by user: Span<UInt8>
    ) -> Verdict {
        let levels = TopicLevels(of: topic, from: 0)
        if topic.has("$share", at: levels[0]) {
            let start = levels[2].lowerBound
            // What begins with `$` once more is no filter that brings anything of presence.
            guard levels.count > 2, start < topic.count, topic[start] != UInt8(ascii: "$") else {
                return .other
            }
            return judge(act, topic.extracting(start..<topic.count), by: user)
        }
        if topic.has("$CONTROL", at: levels[0]), topic.has("presence", at: levels[1]) {
            return isBridge(user) && act == .write ? .allowed : .denied
        }
        guard topic.has("$SYS", at: levels[0]), act == .read || act == .subscribe, user.count > 0
        else { return .other }
        switch role(of: user) {
        case .monitor: return .allowed
        case .bridge: return Self.figures.contains { topic.equals($0.span) } ? .allowed : .other
        case .user: return .other
        }
    }

    /// The broker's figures that the bridge goes by.
    private static let figures = ["$SYS/broker/uptime", "$SYS/broker/publish/messages/dropped"]
        .map { Array($0.utf8) }
}
