/// What a device finds on its response topic: an answer to a request, an error about its device
/// topic, or the wish that it states itself again.
public struct Response: Hashable, Sendable {
    /// What the bridge says.
    public enum Content: Hashable, Sendable {
        /// The request was done.
        case result(JSONObject)
        /// The request or the statement was refused.
        ///
        /// The code is an ``ErrorCode``, or one that a later version of the protocol added.
        case refusal(code: String, message: String, retryAfter: Int64?)
        /// The device shall publish its current statement again.
        case announce
    }

    /// What the request gave itself to be known by.
    public var id: RequestID?
    /// The operation of the request, `device` or `announce`.
    public var operation: String
    /// What the bridge says.
    public var content: Content

    /// Reads a payload; `nil` when it is nothing that a bridge writes.
    public init?(reading payload: [UInt8]) {
        guard case .object(let object)? = try? JSONValue(parsing: payload),
            let operation = object["operation"]?.string
        else { return nil }
        id = (try? RequestID(reading: object)) ?? nil
        self.operation = operation
        if let result = object["result"]?.object {
            content = .result(result)
        } else if let error = object["error"]?.object, let code = error["code"]?.string {
            content = .refusal(
                code: code,
                message: error["message"]?.string ?? code,
                retryAfter: error["retryAfter"]?.integer
            )
        } else if operation == "announce" {
            content = .announce
        } else {
            return nil
        }
    }
}
