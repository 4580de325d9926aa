import BrokerFixture
import Foundation
import Synchronization

/// Stands in front of a broker and makes it one that speaks only MQTT 3.1.1.
///
/// A CONNECT of any other version is answered as such a broker does (section 3.2.2.3 of MQTT
/// 3.1.1): CONNACK with code 0x01, and the end of the connection; or it is not answered at all. All else
/// goes to and fro as it is. Without a broker behind it, it takes every CONNECT and hangs up without a
/// word.
final class Relay: Sendable {
    /// What becomes of a CONNECT of another version.
    enum Manner {
        /// It is refused.
        case refusing
        /// It is never answered, and the connection stays open.
        case silent
    }

    /// The port of the loopback interface on which it listens.
    let port: UInt16
    private let target: UInt16?
    private let listener: Int32
    private let seen = Levels()
    private let gate = Gate()

    /// Listens, and relays to a port of the loopback interface; `nil` for hanging up.
    init(to target: UInt16?, _ manner: Manner = .refusing) throws {
        self.target = target
        (listener, port) = try Ports.listen()
        Thread.detachNewThread { [listener, target, seen, gate] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread {
                    Self.serve(client, target: target, manner, seen, gate)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// The protocol levels of all the CONNECTs so far: 4 is MQTT 3.1.1, 5 is MQTT 5.
    var levels: [UInt8] { seen.all.withLock { $0 } }

    /// Lets nothing through from the clients to the broker, or lets it through again; what the broker says
    /// goes through all the time.
    func hold(_ holds: Bool) { gate.holds.withLock { $0 = holds } }

    private final class Gate: Sendable {
        let holds = Mutex(false)
    }

    private final class Levels: Sendable {
        let all = Mutex<[UInt8]>([])
    }

    private static func serve(
        _ client: Int32,
        target: UInt16?,
        _ manner: Manner,
        _ seen: Levels,
        _ gate: Gate
    ) {
        defer { close(client) }
        var begin: [UInt8] = []
        // Fixed header, remaining length of 1 to 4 bytes, "MQTT" with its length, the level.
        while level(of: begin) == nil {
            guard begin.count < 16, let more = receive(client) else { return }
            begin += more
        }
        guard let level = level(of: begin) else { return }
        seen.all.withLock { $0.append(level) }
        guard let target else { return }
        guard level == 4 else {
            switch manner {
            case .refusing: send(client, [0x20, 0x02, 0x00, 0x01])
            case .silent: while receive(client) != nil {}
            }
            return
        }
        let broker = makeSocket()
        defer { close(broker) }
        guard call(connect, broker, target), send(broker, begin) else { return }
        pass(client, broker, gate)
    }

    /// Where the CONNECT says it, as soon as that much is there.
    private static func level(of bytes: [UInt8]) -> UInt8? {
        guard let last = bytes.dropFirst().firstIndex(where: { $0 < 0x80 }) else { return nil }
        let place = last + 7
        return bytes.indices.contains(place) ? bytes[place] : nil
    }

    private static func pass(_ client: Int32, _ broker: Int32, _ gate: Gate) {
        while true {
            // A negative descriptor is passed over.
            let held = gate.holds.withLock { $0 }
            var both = [held ? -1 : client, broker].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&both, 2, 20) >= 0 else { return }
            for (entry, opposite) in zip(both, [broker, client]) where entry.revents != 0 {
                guard let bytes = receive(entry.fd), send(opposite, bytes) else { return }
            }
        }
    }

    private static func receive(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    @discardableResult
    private static func send(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func makeSocket() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    /// Calls `bind` or `connect` with an address of the loopback interface.
    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ port: UInt16
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                function(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
