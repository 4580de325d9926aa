import BrokerFixture
import Foundation

/// A connection that has sent a CONNECT of MQTT 3.1.1, and reads nothing: many of them are cheap.
final class PlainSocket {
    private let descriptor: Int32
    private var isOpen = true

    /// Connects; the password is the user's name.
    init(_ port: UInt16, user: String, id: String) throws {
        guard let descriptor = Ports.connect(port) else {
            throw FixtureError("no connection to port \(port)")
        }
        self.descriptor = descriptor
        var body: [UInt8] = []
        for text in ["MQTT", id, user, user] {
            body += [0, UInt8(text.utf8.count)] + Array(text.utf8)
            // Behind the protocol's name: its version, user, password and clean session, keep-alive.
            if text == "MQTT" { body += [4, 0b1100_0010, 0, 0] }
        }
        let packet = [0x10, UInt8(body.count)] + body
        guard send(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL)) == packet.count else {
            throw FixtureError("port \(port) takes no CONNECT")
        }
    }

    deinit { close() }

    /// Ends the connection without a DISCONNECT.
    func close() {
        guard isOpen else { return }
        isOpen = false
        Foundation.close(descriptor)
    }
}
