import Mosquitto

/// A session's subscription to one filter.
final class Subscription {
    unowned let session: Session
    let filter: String
    var options: SubscriptionOptions
    var identifier: UInt32?

    init(
        _ session: Session,
        _ filter: String,
        _ options: SubscriptionOptions,
        _ identifier: UInt32?
    ) {
        self.session = session
        self.filter = filter
        self.options = options
        self.identifier = identifier
    }
}

/// All subscriptions of a broker, by the levels of their filters.
struct SubscriptionTree {
    private struct Node {
        var children: [Int: Int] = [:]
        /// Those whose filter ends here, oldest first.
        var subscriptions: [Subscription] = []
    }

    private let levels: TopicLevels
    private var nodes = [Node()]

    init(_ levels: TopicLevels) {
        self.levels = levels
    }

    mutating func insert(_ subscription: Subscription) {
        var index = 0
        for level in levels.path(subscription.filter).levels {
            if let child = nodes[index].children[level] {
                index = child
            } else {
                nodes[index].children[level] = nodes.count
                index = nodes.count
                nodes.append(Node())
            }
        }
        nodes[index].subscriptions.append(subscription)
    }

    mutating func remove(_ subscription: Subscription) {
        var index = 0
        for level in levels.path(subscription.filter).levels {
            guard let child = nodes[index].children[level] else { return }
            index = child
        }
        nodes[index].subscriptions.removeAll { $0 === subscription }
    }

    /// The subscriptions that match a topic name.
    func matches(_ topic: String) -> [Subscription] {
        let path = levels.path(topic)
        var found: [Subscription] = []
        collect(0, path, 0, &found)
        return found
    }

    private func collect(
        _ index: Int,
        _ path: TopicLevels.Path,
        _ depth: Int,
        _ found: inout [Subscription]
    ) {
        let children = nodes[index].children
        let takesWildcards = depth > 0 || !path.isHidden
        if takesWildcards, let child = children[TopicLevels.hash] {
            found += nodes[child].subscriptions
        }
        guard depth < path.levels.count else {
            found += nodes[index].subscriptions
            return
        }
        if let child = children[path.levels[depth]] { collect(child, path, depth + 1, &found) }
        if takesWildcards, let child = children[TopicLevels.plus] {
            collect(child, path, depth + 1, &found)
        }
    }
}
