/// What a program asks the bridge by another way than the broker, such as HTTP: what MQTT can be asked, and
/// what only an operator may do.
///
/// Names are as they were written, and whether they are allowed is decided by the bridge.
public struct Question: Hashable, Sendable {
    /// What is asked.
    public enum Act: Hashable, Sendable {
        /// How the user is, as the status alone.
        case status
        /// All that is known of the user, and why its status is what it is.
        case explanation
        /// What a device asks by its request; for ``Question/user``, where the request is somebody's own.
        case request(Request)
        /// That a device of the user's counts as having said this; an empty payload is a logout after which it is
        /// no longer remembered.
        case statement(device: String, payload: [UInt8])
        /// That all that is known of the user is forgotten.
        case erasure
    }

    /// What came of it: one JSON value, or no byte where there is nothing to say but that it is done and
    /// stored.
    public typealias Answer = Result<[UInt8], Refusal>

    /// What its answer is known by.
    public var number: UInt64
    /// What is asked.
    public var act: Act
    /// Whom it is about; for a request that is nobody's own `nil`.
    public var user: String?
    /// As whom it is asked, and bound as that user is; `nil` for the operator, whom no permission binds.
    public var viewer: String?

    /// A question.
    public init(
        number: UInt64 = 0,
        _ act: Act,
        about user: String? = nil,
        as viewer: String? = nil
    ) {
        self.number = number
        self.act = act
        self.user = user
        self.viewer = viewer
    }
}
