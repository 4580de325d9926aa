import PresenceClient

/// The description that goes with a device that is online.
actor OnlineDescription {
    private let text: String?
    private let lifetime: Lifetime?
    private var isPublished = false

    /// - Parameter lifetime: After how long it goes by itself; `nil` for with the logout.
    init(_ text: String?, _ lifetime: Lifetime?) {
        self.text = text
        self.lifetime = lifetime
    }

    func publish(by client: PresenceClient) async throws {
        guard let text else { return }
        // Without an answer it may be there all the same.
        isPublished = true
        try await client.publish(description: text, expiry: lifetime?.duration)
    }

    /// What goes with the logout, if it was published.
    var toTakeBack: String? {
        guard let text, !text.isEmpty, lifetime == nil, isPublished else { return nil }
        return text
    }
}
