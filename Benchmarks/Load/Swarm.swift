import BrokerFixture
import Crowd

/// Many MQTT clients on the thread of the caller, at as little cost as sockets allow.
///
/// Nothing happens but in ``run(within:pause:_:until:)``, where all of them are served.
final class Swarm {
    private let port: UInt16
    // Client identifiers are this swarm's own.
    private let tag = String(UInt32.random(in: .min ... .max), radix: 36)
    private let poller = Poller()
    private var peers: [Peer] = []
    private var dirty: [Int] = []
    // As large as the largest message that the broker lets through, and a packet more.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 << 20, alignment: 16)

    /// One without clients.
    init(port: UInt16) {
        self.port = port
        FileLimit.raise()
    }

    deinit { buffer.deallocate() }

    /// Connects clients, one for each name, that log in as the user of that name, and waits until
    /// the broker has accepted them.
    ///
    /// - Parameter hasPasswords: Whether each gives its name as its password, too.
    func connect(_ usernames: [String], hasPasswords: Bool = false) throws -> Range<Int> {
        let first = peers.count
        for username in usernames {
            let peer = try Peer(port: port)
            let number = peers.count
            peers.append(peer)
            peer.send(
                Packet.connect(
                    clientID: "bench-\(tag)-\(number)",
                    username: username,
                    password: hasPasswords ? username : nil
                )
            )
            touch(number)
            // More at once than the broker's listen queue has room for would wait for seconds.
            if number % 50 == 49 { try accept(first...number) }
        }
        try accept(first...(peers.count - 1))
        return first..<peers.count
    }

    private func accept(_ numbers: ClosedRange<Int>) throws {
        try run(until: { numbers.allSatisfy { peers[$0].isAccepted } })
    }

    /// Subscribes a client.
    func subscribe(_ client: Int, to filters: [String], qos: UInt8) {
        peers[client].sendNumbered { Packet.subscribe($0, filters, qos: qos) }
        touch(client)
    }

    /// Lets a client publish.
    func publish(
        _ client: Int,
        _ topic: String,
        _ payload: [UInt8],
        qos: UInt8 = 1,
        isRetained: Bool = false
    ) {
        peers[client].sendNumbered(isCounted: qos > 0) {
            Packet.publish($0, topic: topic, payload: payload, qos: qos, isRetained: isRetained)
        }
        touch(client)
    }

    /// How many publishes and SUBSCRIBEs of a client the broker has not acknowledged.
    func unacknowledged(_ client: Int) -> Int { peers[client].unacknowledged }

    /// Whether everything is acknowledged.
    var isQuiet: Bool { peers.allSatisfy { $0.unacknowledged == 0 && !$0.wantsWrite } }

    /// Serves all clients until a condition holds, which is looked at after each `pause` in
    /// milliseconds, and whenever something came.
    ///
    /// - Throws: when that takes too long, or the broker ends a connection.
    func run(
        within patience: Duration = .seconds(300),
        pause: Int32 = 100,
        _ body: (Delivery) -> Void = { _ in },
        until isDone: () -> Bool
    ) throws {
        let deadline = ContinuousClock.now + patience
        while true {
            if isDone() { return }
            try flush()
            for number in poller.wait(milliseconds: pause) {
                try peers[number].read(through: buffer) { topic, payload in
                    body(Delivery(client: number, topic: topic, payload: payload))
                }
                if peers[number].wantsWrite { touch(number) }
            }
            guard ContinuousClock.now < deadline else {
                throw FixtureError("what was awaited has not come within \(patience)")
            }
        }
    }

    private func touch(_ number: Int) {
        guard !peers[number].isDirty else { return }
        peers[number].isDirty = true
        dirty.append(number)
    }

    private func flush() throws {
        let numbers = dirty
        dirty.removeAll(keepingCapacity: true)
        for number in numbers {
            let peer = peers[number]
            peer.isDirty = false
            try peer.write()
            poller.watch(peer.socket, token: number, writes: peer.wantsWrite)
            // What did not fit goes out when the socket can be written, which ends the wait.
            if peer.wantsWrite { touch(number) }
        }
    }
}
