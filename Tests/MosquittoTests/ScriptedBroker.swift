import BrokerFixture
import Foundation
import Mosquitto

/// A listener that takes one connection, waits for its first bytes and sends fixed bytes back: what
/// no real broker can be brought to say.
final class ScriptedBroker: Sendable {
    /// Where it listens.
    let options: ConnectionOptions
    private let listener: Int32

    /// Sends `answers`, and then closes or leaves the connection open until the object goes.
    init(answers: [UInt8], closes: Bool = false) throws {
        let (listener, port) = try Ports.listen()
        self.listener = listener
        options = ConnectionOptions(clientID: "scripted", host: "127.0.0.1", port: port)
        Thread.detachNewThread {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            defer { close(connection) }
            var bytes = [UInt8](repeating: 0, count: 1_024)
            _ = read(connection, &bytes, bytes.count)
            var answers = answers
            _ = write(connection, &answers, answers.count)
            // Until the client closes.
            while !closes, read(connection, &bytes, bytes.count) > 0 {}
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
