import BrokerFixture
import Foundation
import Synchronization

/// Stands between clients and a broker, and can swallow: both sides then believe that their
/// connection stands, and nothing arrives any more.
final class Tunnel: Sendable {
    /// What becomes of the connections that were frozen.
    enum Thaw: Sendable {
        /// They go on where they were, with what was held up.
        ///
        /// Not those whose client has given up: what it said long ago must not come after what it
        /// said since.
        case goOn
        /// Both sides learn that they are over.
        case cut
        /// They stay as they are until the broker gives them up.
        case linger
    }

    private enum Order: Sendable {
        case freeze(every: Int, newcomers: Bool)
        case thaw(Thaw)
        case shut
        case open
        case stop
    }

    /// The port of the loopback interface on which it listens.
    let port: UInt16
    private let orders = Orders()

    private final class Orders: Sendable {
        let due = Mutex<[Order]>([])
    }

    /// Listens, and goes to a port of the loopback interface.
    init(to target: UInt16) throws {
        let (listener, port) = try Ports.listen()
        self.port = port
        Thread.detachNewThread { [orders] in
            var loop = TunnelLoop(listener: listener, target: target)
            defer { loop.close() }
            while true {
                let due = orders.due.withLock { orders in
                    defer { orders = [] }
                    return orders
                }
                for order in due {
                    switch order {
                    case .freeze(let every, let newcomers):
                        loop.freeze(every: every, newcomers: newcomers)
                    case .thaw(let thaw): loop.thaw(thaw)
                    case .shut: loop.shut()
                    case .open: loop.isShut = false
                    case .stop: return
                    }
                }
                loop.turn()
            }
        }
    }

    deinit { stop() }

    /// Swallows what goes over each so-manieth of the connections that stand now.
    ///
    /// - Parameter newcomers: Whether it swallows what goes over those that are made meanwhile, too.
    func freeze(every: Int, newcomers: Bool = false) {
        orders.due.withLock { $0.append(.freeze(every: every, newcomers: newcomers)) }
    }

    /// Ends that.
    func thaw(_ thaw: Thaw) { orders.due.withLock { $0.append(.thaw(thaw)) } }

    /// Ends every connection, and lets nobody in until ``open()``.
    func shut() { orders.due.withLock { $0.append(.shut) } }

    /// Lets in whoever comes.
    func open() { orders.due.withLock { $0.append(.open) } }

    /// Closes everything.
    func stop() { orders.due.withLock { $0.append(.stop) } }
}

/// The connections of a tunnel, on its thread.
private struct TunnelLoop {
    /// One connection: a socket to each side, and what one has sent and the other not yet taken.
    private struct Pair {
        let client: Int32
        let broker: Int32
        var toBroker: ArraySlice<UInt8> = []
        var toClient: ArraySlice<UInt8> = []
        var isFrozen = false
        var hasClientGone = false
        var isOver = false
    }

    private let listener: Int32
    private let target: UInt16
    private var pairs: [Pair] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var freezesNewcomers = false
    /// Whether nobody is let in.
    var isShut = false

    init(listener: Int32, target: UInt16) {
        self.listener = listener
        self.target = target
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
    }

    mutating func freeze(every: Int, newcomers: Bool) {
        if newcomers { freezesNewcomers = true }
        for index in pairs.indices where index % every == 0 { pairs[index].isFrozen = true }
    }

    mutating func thaw(_ thaw: Tunnel.Thaw) {
        freezesNewcomers = false
        for index in pairs.indices where pairs[index].isFrozen {
            switch thaw {
            case .goOn where !pairs[index].hasClientGone: pairs[index].isFrozen = false
            case .goOn, .cut: pairs[index].isOver = true
            case .linger: break
            }
        }
    }

    mutating func shut() {
        isShut = true
        for index in pairs.indices { pairs[index].isOver = true }
    }

    mutating func close() {
        for pair in pairs { end(pair) }
        Foundation.close(listener)
    }

    private func end(_ pair: Pair) {
        Foundation.close(pair.client)
        Foundation.close(pair.broker)
    }

    mutating func turn() {
        let hangUp = Int16(0x2000)  // POLLRDHUP, which the module does not show.
        var waiting = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        for pair in pairs {
            var (client, broker) = (hangUp, hangUp)
            if pair.hasClientGone { client = 0 }
            if !pair.isFrozen {
                client = Int16(pair.toBroker.isEmpty ? POLLIN : 0)
                client |= Int16(pair.toClient.isEmpty ? 0 : POLLOUT)
                broker = Int16(pair.toClient.isEmpty ? POLLIN : 0)
                broker |= Int16(pair.toBroker.isEmpty ? 0 : POLLOUT)
            }
            // A socket that has gone would be ready for ever.
            waiting.append(
                pollfd(fd: pair.hasClientGone ? -1 : pair.client, events: client, revents: 0)
            )
            waiting.append(pollfd(fd: pair.broker, events: broker, revents: 0))
        }
        poll(&waiting, nfds_t(waiting.count), 20)
        for index in pairs.indices {
            serve(index, waiting[2 * index + 1].revents, waiting[2 * index + 2].revents)
        }
        for pair in pairs where pair.isOver { end(pair) }
        pairs.removeAll(where: \.isOver)
        if waiting[0].revents != 0 { acceptOne() }
    }

    private mutating func serve(_ index: Int, _ client: Int16, _ broker: Int16) {
        guard !pairs[index].isFrozen else {
            if broker != 0 { pairs[index].isOver = true }
            if client != 0 { pairs[index].hasClientGone = true }
            return
        }
        if client != 0 || broker != 0 {
            move(from: pairs[index].client, to: pairs[index].broker, \.toBroker, index)
            move(from: pairs[index].broker, to: pairs[index].client, \.toClient, index)
        }
    }

    /// Takes from one side what there is, and gives the other what it takes.
    private mutating func move(
        from source: Int32,
        to sink: Int32,
        _ pending: WritableKeyPath<Pair, ArraySlice<UInt8>>,
        _ index: Int
    ) {
        if pairs[index][keyPath: pending].isEmpty {
            let count = recv(source, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                pairs[index][keyPath: pending] = ArraySlice(buffer.prefix(count))
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                pairs[index].isOver = true
                return
            }
        }
        let rest = pairs[index][keyPath: pending]
        guard !rest.isEmpty else { return }
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let sent = rest.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, flags) }
        if sent > 0 {
            pairs[index][keyPath: pending] = rest.dropFirst(sent)
        } else if errno != EAGAIN, errno != EINTR {
            pairs[index].isOver = true
        }
    }

    private mutating func acceptOne() {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard !isShut, let broker = Ports.connect(target) else {
            Foundation.close(client)
            return
        }
        for socket in [client, broker] {
            var yes: Int32 = 1
            setsockopt(
                socket,
                Int32(IPPROTO_TCP),
                TCP_NODELAY,
                &yes,
                socklen_t(MemoryLayout<Int32>.size)
            )
        }
        pairs.append(Pair(client: client, broker: broker, isFrozen: freezesNewcomers))
    }
}
