import BrokerFixture
import Foundation
import Mosquitto
import PresenceBridge
import Simulation
import Testing

/// Which broker a test of transports runs against.
enum BrokerKind: CaseIterable, CustomTestStringConvertible {
    case mosquitto
    case simulated

    var testDescription: String { "\(self)" }

    /// A running broker, set up for a test.
    func stage(maxQueued: Int = 1_000, sysInterval: Int = 0) throws -> any Stage {
        switch self {
        case .mosquitto: try RealStage(maxQueued: maxQueued, sysInterval: sysInterval)
        case .simulated: SimulatedStage(maxQueued: maxQueued, sysInterval: sysInterval)
        }
    }
}

/// A broker, those who talk to it, and the time in which they do: real or virtual.
protocol Stage: AnyObject {
    var peers: [Peer] { get set }
    /// Where the broker is.
    var address: (host: String, port: UInt16) { get }
    /// The transport that the test is about.
    func dial(_ options: ConnectionOptions) throws(MosquittoError) -> any Transport
    /// Waits a moment for something to happen.
    func wait()
    /// Whether it has been waited for too long since something.
    func isLate(since start: ContinuousClock.Instant, _ steps: Int) -> Bool

    /// Stops the broker in order.
    func stop() async throws
    /// Kills it.
    func kill() async throws
    /// Starts it again with what it has saved.
    func start() async throws
    /// Lets it save.
    func save() async throws
}

extension Stage {
    /// Awaits something, while everybody on the stage reads and writes.
    func await<Found>(_ what: String, _ find: () throws -> Found?) throws -> Found {
        let start = ContinuousClock.now
        var steps = 0
        while true {
            for peer in peers { peer.pump() }
            if let found = try find() { return found }
            guard !isLate(since: start, steps) else {
                let seen = peers.map { "\($0.id): \($0.events.suffix(5))" }.joined(separator: "\n")
                throw FixtureError("waited in vain for \(what). What came:\n\(seen)")
            }
            steps += 1
            wait()
        }
    }
}

/// A real mosquitto, and libmosquitto.
final class RealStage: Stage {
    private let broker: Broker
    var peers: [Peer] = []

    init(maxQueued: Int, sysInterval: Int) throws {
        broker = try Broker(
            BrokerOptions {
                $0.persistence = true
                $0.sysInterval = sysInterval
                $0.extra = "max_queued_messages \(maxQueued)"
            }
        )
    }

    deinit {
        broker.kill()
    }

    var address: (host: String, port: UInt16) { (broker.host, broker.port) }

    func dial(_ options: ConnectionOptions) throws(MosquittoError) -> any Transport {
        try Connection(options)
    }

    func wait() {
        var descriptors: [pollfd] = []
        for peer in peers where peer.isReading {
            guard let socket = peer.transport?.fileDescriptor else { continue }
            let writes = peer.transport?.wantsWrite == true ? Int16(POLLOUT) : 0
            descriptors.append(pollfd(fd: socket, events: Int16(POLLIN) | writes, revents: 0))
        }
        poll(&descriptors, nfds_t(descriptors.count), 100)
    }

    func isLate(since start: ContinuousClock.Instant, _ steps: Int) -> Bool {
        ContinuousClock.now > start + .seconds(20)
    }

    func stop() async throws { try await broker.stop() }

    func kill() async throws { broker.kill() }

    func start() async throws { try await broker.restart() }

    func save() async throws { try await broker.save() }
}

/// The simulated broker.
final class SimulatedStage: Stage {
    let agenda = Agenda()
    let broker: SimulatedBroker
    var peers: [Peer] = []

    init(seed: UInt64 = 1, _ options: SimulatedBrokerOptions) {
        broker = SimulatedBroker(
            agenda: agenda,
            dice: Dice(seed: seed, part: "broker"),
            options: options
        )
        broker.start()
    }

    convenience init(maxQueued: Int, sysInterval: Int) {
        self.init(
            SimulatedBrokerOptions {
                $0.maxQueued = maxQueued
                $0.sysInterval = Int64(sysInterval)
            }
        )
    }

    /// Lets time pass until something is so, and some clients tick every second of it.
    @discardableResult
    func pass(_ milliseconds: Int64, ticking: [Peer], until isSo: () -> Bool) -> Bool {
        for step in 0...milliseconds {
            if step % 1_000 == 0 {
                for peer in ticking { peer.transport?.tick() }
            }
            for peer in peers { peer.pump() }
            if isSo() { return true }
            if step < milliseconds { agenda.pass(1) }
        }
        return false
    }

    var address: (host: String, port: UInt16) { ("127.0.0.1", 1883) }

    func dial(_ options: ConnectionOptions) throws(MosquittoError) -> any Transport {
        try broker.dial(options)
    }

    func wait() { agenda.pass(1) }

    func isLate(since start: ContinuousClock.Instant, _ steps: Int) -> Bool { steps > 20_000 }

    func stop() async throws { broker.stop() }

    func kill() async throws { broker.kill() }

    func start() async throws { broker.start() }

    func save() async throws { broker.save() }
}
