/// The answer to a request: a result or a refusal, under the request's id and operation.
public enum Answer {
    /// An answer whose result is written by a closure: one JSON value.
    public static func result(
        id: RequestID?,
        operation: String,
        reserving capacity: Int = 256,
        _ write: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        envelope(id: id, operation: operation, reserving: capacity) { json in
            json.key("result")
            write(&json)
        }
    }

    /// An answer whose result is written already: one JSON value.
    package static func result(id: RequestID?, operation: String, _ result: [UInt8]) -> [UInt8] {
        envelope(id: id, operation: operation, reserving: result.count + aroundResult) { json in
            json.key("result")
            json.raw(result)
        }
    }

    /// What stands around the result of an answer, in bytes, unless the id is a long text.
    private static let aroundResult = 96

    /// An answer that refuses.
    public static func refusal(
        _ refusal: Refusal,
        id: RequestID? = nil,
        operation: String
    ) -> [UInt8] {
        envelope(id: id, operation: operation) { json in
            json.key("error")
            json.beginObject()
            json.member("code", refusal.code.rawValue)
            json.member("message", refusal.message)
            json.member("retryAfter", refusal.retryAfter)
            json.endObject()
        }
    }

    /// What asks a device to publish its current statement again.
    public static let announce = envelope(id: nil, operation: "announce") { _ in }

    private static func envelope(
        id: RequestID?,
        operation: String,
        reserving capacity: Int = 256,
        _ write: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter(reserving: capacity)
        json.beginObject()
        json.id(id)
        json.member("operation", operation)
        write(&json)
        json.endObject()
        return json.bytes
    }
}
