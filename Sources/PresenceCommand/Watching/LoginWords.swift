import PresenceClient
import Synchronization

/// The description that goes with a login.
final class LoginWords: Sendable {
    private let text: String?
    private let lifetime: Lifetime?
    private let isPublished = Mutex(false)

    /// - Parameter lifetime: After how long the words go by themselves; `nil` for with the logout.
    init(_ text: String?, _ lifetime: Lifetime?) {
        self.text = text
        self.lifetime = lifetime
    }

    /// Publishes them, if there are any.
    func publish(by client: PresenceClient) async throws {
        guard let text else { return }
        // Without an answer they may be there all the same.
        isPublished.withLock { $0 = true }
        try await client.publish(description: text, expiry: lifetime?.duration)
    }

    /// What goes with the logout, if it has been said.
    var toTakeBack: String? {
        guard let text, !text.isEmpty, lifetime == nil else { return nil }
        return isPublished.withLock(\.self) ? text : nil
    }
}
