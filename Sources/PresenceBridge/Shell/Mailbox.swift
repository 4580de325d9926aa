import DequeModule
import Mosquitto
import Presence
import Synchronization

/// What other threads ask of the loop's thread, and what it shows them.
final class Mailbox: Sendable {
    /// The most inquiries that one turn takes, so that what they ask for delays nobody else for long.
    static let inquiriesPerTurn = 64

    /// The most users that all inquiries of one turn are about, unless one of them alone is about more.
    static let usersPerTurn = 1_000

    /// The most that wait: a loop that is behind with so many is asked nothing more.
    static let mostInquiries = 4_096

    private struct Content {
        var orders = Orders()
        var inquiries: Deque<Inquiry> = []
        /// The change log, once there is one.
        var feed: ChangeFeed?
        /// Nobody takes anything any more.
        var isClosed = false
    }

    private let content = Mutex(Content())
    let waker: Waker

    init() throws(NoDescriptor) { waker = try Waker() }

    func post(_ order: Orders) {
        content.withLock { $0.orders.formUnion(order) }
        waker.wake()
    }

    /// Asks the loop; one that has ended answers at once, and so does one that is far behind, unless it is
    /// asked how it stands: that is known by its silence.
    func post(_ inquiry: Inquiry) {
        let (isClosed, isTaken) = content.withLock { content in
            let hasRoom = content.inquiries.count < Self.mostInquiries || inquiry.isAwaited
            if !content.isClosed, hasRoom { content.inquiries.append(inquiry) }
            return (content.isClosed, !content.isClosed && hasRoom)
        }
        if isTaken { return waker.wake() }
        if case .standing = inquiry, !isClosed { return }
        Self.refuse(inquiry)
    }

    /// The change log, which other threads may read by themselves; `nil` before the loop has begun.
    var feed: ChangeFeed? { content.withLock { $0.feed } }

    func show(_ feed: ChangeFeed) { content.withLock { $0.feed = feed } }

    /// Takes what is there for a turn; where that is not all, the next one begins at once.
    func take() -> (Orders, [Inquiry]) {
        let (orders, inquiries, isMore) = content.withLock { content in
            let count = Self.countPerTurn(of: content.inquiries)
            let inquiries = Array(content.inquiries.prefix(count))
            content.inquiries.removeFirst(count)
            let orders = content.orders
            content.orders = []
            return (orders, inquiries, !content.inquiries.isEmpty)
        }
        if isMore { waker.wake() }
        return (orders, inquiries)
    }

    private static func countPerTurn(of inquiries: Deque<Inquiry>) -> Int {
        var (count, users) = (0, 0)
        for inquiry in inquiries.prefix(inquiriesPerTurn) {
            users += inquiry.weight
            guard users <= usersPerTurn || count == 0 else { break }
            count += 1
        }
        return count
    }

    /// The loop has ended: whatever is asked from now on is refused.
    func close() {
        let left = content.withLock { content in
            content.isClosed = true
            defer { content.inquiries = [] }
            return content.inquiries
        }
        for inquiry in left { Self.refuse(inquiry) }
    }

    private static func refuse(_ inquiry: Inquiry) {
        switch inquiry {
        case .recalled: break
        case .question(_, let answer): answer(.failure(Inquiries.unasked))
        case .standing(let answer): answer(.ending)
        case .measures(let answer): answer([])
        }
    }
}

extension Inquiry {
    /// Whether the core waits for it.
    fileprivate var isAwaited: Bool { if case .recalled = self { true } else { false } }
}

/// What the operator, or the system, wants of the bridge.
package struct Orders: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// That it ends in order.
    package static let stop = Orders(rawValue: 1)
    /// That it reads its configuration again.
    package static let reload = Orders(rawValue: 2)
}
