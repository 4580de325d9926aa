import Foundation

/// One connection that a relay passes on.
final class RelayedConnection {
    private let client: Int32
    private let server: Int32
    private let gate: RelayGate
    private var messages = ClientMessages()
    /// What the server has said since its answers are swallowed; `nil` while they are passed.
    private var swallowed: [UInt8]?

    init(_ client: Int32, _ server: Int32, _ gate: RelayGate) {
        (self.client, self.server, self.gate) = (client, server, gate)
    }

    /// Passes what comes until one side ends, or something is to be lost.
    func run() {
        var waiting = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            guard poll(&waiting, 2, -1) >= 0 || errno == EINTR else { return }
            gate.awaitVoice()
            if waiting[0].revents != 0 {
                guard let bytes = UnixSocket.read(client), passRequest(bytes) else { return }
            }
            if waiting[1].revents != 0 {
                guard let bytes = UnixSocket.read(server), passAnswer(bytes) else { return }
            }
        }
    }

    private func passRequest(_ bytes: [UInt8]) -> Bool {
        if messages.take(bytes) {
            switch gate.lossOfCommit() {
            case .request: return false
            case .answer: swallowed = []
            case nil: break
            }
        }
        return UnixSocket.write(bytes, to: server)
    }

    private func passAnswer(_ bytes: [UInt8]) -> Bool {
        guard swallowed != nil else { return UnixSocket.write(bytes, to: client) }
        swallowed?.append(contentsOf: bytes)
        // The tag of the command, in the message that says it is done.
        return swallowed?.firstRange(of: Array("COMMIT\0".utf8)) == nil
    }
}
