@testable import PresenceClient

extension PresenceClient {
    /// Whether the first connection, or another one, is on its way.
    var isConnecting: Bool {
        if case .connecting = phase { true } else { false }
    }
}
