import BrokerFixture
import Foundation
import Synchronization

/// A listener that speaks just enough MQTT 5 and 3.1.1 to answer what a client begins with, in ways in which
/// no broker at hand can be brought to answer.
final class AnsweringBroker: Sendable {
    /// Where it listens, on the loopback interface.
    let port: UInt16
    private let listener: Int32
    private let accepted = Accepted()

    /// How many connections it has accepted.
    var connections: Int { accepted.count.withLock(\.self) }

    private final class Accepted: Sendable {
        let count = Mutex(0)
    }

    /// Answers every connection.
    ///
    /// - Parameters:
    ///   - sessionPresent: What the CONNACK says of a session.
    ///   - code: What the SUBACK says of a filter: a granted quality of service, or a failure; `nil`
    ///     ends the connection instead.
    init(sessionPresent: Bool = false, code: @escaping @Sendable (String) -> UInt8?) throws {
        (listener, port) = try Ports.listen()
        Thread.detachNewThread { [listener, accepted] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { return }
                accepted.count.withLock { $0 += 1 }
                Thread.detachNewThread {
                    Self.serve(socket, sessionPresent: sessionPresent, code: code)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func serve(_ socket: Int32, sessionPresent: Bool, code: (String) -> UInt8?) {
        defer { close(socket) }
        var isV5 = true
        while let (kind, body) = packet(socket) {
            // MQTT 5 has properties where 3.1.1 has nothing; all of them are empty here.
            let none: [UInt8] = isV5 ? [0] : []
            switch kind & 0xF0 {
            case 0x10:
                isV5 = body[6] == 5
                let end: [UInt8] = isV5 ? [0, 0] : [0]
                send(socket, [0x20, UInt8(1 + end.count), sessionPresent ? 1 : 0] + end)
            case 0x30 where kind & 0x06 == 0x02:
                let identifier = 2 + Int(body[0]) << 8 + Int(body[1])
                send(socket, [0x40, 2, body[identifier], body[identifier + 1]])
            case 0x80:
                let filters = filters(body.dropFirst(2 + none.count))
                let codes = filters.compactMap(code)
                guard codes.count == filters.count else { return }
                let answer = [body[0], body[1]] + none + codes
                send(socket, [0x90, UInt8(answer.count)] + answer)
            case 0xC0: send(socket, [0xD0, 0])
            case 0xE0: return
            default: break
            }
        }
    }

    /// The filters of a SUBSCRIBE, behind its packet identifier and its properties.
    private static func filters(_ bytes: ArraySlice<UInt8>) -> [String] {
        var rest = bytes
        var filters: [String] = []
        while rest.count > 2 {
            let length = Int(rest.removeFirst()) << 8 + Int(rest.removeFirst())
            filters.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length + 1)
        }
        return filters
    }

    /// The next packet: its first byte and what is behind its length; `nil` at the end.
    private static func packet(_ socket: Int32) -> (kind: UInt8, body: [UInt8])? {
        guard let kind = receive(socket, 1)?.first else { return nil }
        var length = 0
        var shift = 0
        while let byte = receive(socket, 1)?.first {
            length += Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 == 0 { break }
        }
        return receive(socket, length).map { (kind, $0) }
    }

    private static func receive(_ socket: Int32, _ count: Int) -> [UInt8]? {
        var all: [UInt8] = []
        while all.count < count {
            var bytes = [UInt8](repeating: 0, count: count - all.count)
            let read = recv(socket, &bytes, bytes.count, 0)
            guard read > 0 else { return nil }
            all += bytes.prefix(read)
        }
        return all
    }

    private static func send(_ socket: Int32, _ bytes: [UInt8]) {
        _ = Foundation.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
