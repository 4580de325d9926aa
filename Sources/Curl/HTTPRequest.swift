/// A request to an HTTP server (RFC 9110).
public struct HTTPRequest: Sendable {
    /// The method: `GET`, `POST`, ….
    public var method: String
    /// The URL, of the scheme `http` or `https`.
    ///
    /// What stands before an `@` in it is sent as name and password.
    public var url: String
    /// Names of fields with their values, in the order in which they are sent.
    public var headers: [(name: String, value: String)] = []
    /// What is sent with it; `nil` where nothing is.
    public var body: [UInt8]?
    /// For how long the whole may take, answer and all, in milliseconds; `nil` for ever.
    public var patience: Int?
    /// For how long the connection may take to be there, in milliseconds.
    public var connecting = 10_000
    /// The file of the authorities that are trusted; `nil` for those of the system.
    public var cafile: String?
    /// The Unix socket that the server listens at; `nil` where the URL says where it is.
    public var unixSocket: String?
    /// The most bytes of the answer's body that are kept; what is longer is read, and not kept.
    public var longestAnswer = 0

    /// A request without a body.
    public init(_ method: String = "GET", _ url: String) {
        self.method = method
        self.url = url
    }
}
