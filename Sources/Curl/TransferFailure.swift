import CCurl

/// Why a request has no answer.
public struct TransferFailure: Error, Hashable, CustomStringConvertible {
    /// The library's words, and what it knows beyond them.
    public let description: String

    /// A failure.
    public init(_ description: String) { self.description = description }

    init(_ code: CURLcode) {
        description = unsafe String(cString: curl_easy_strerror(code))
    }
}
