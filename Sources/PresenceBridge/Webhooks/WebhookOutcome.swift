import Curl

/// What became of a request to a webhook's receiver.
package enum WebhookOutcome: Hashable, Sendable {
    /// A whole answer came.
    ///
    /// - Parameters:
    ///   - pause: For how long the receiver wants nothing, in milliseconds.
    ///   - location: Where it points to.
    case answered(status: Int, pause: Int64?, location: String?)
    /// None came, and why, in words.
    case failed(String)

    /// What the library has found.
    ///
    /// - Parameter second: The Unix second.
    init(_ outcome: Transfers.Outcome, at second: Int64) {
        switch outcome {
        case .failure(let failure): self = .failed(failure.description)
        case .success(let response):
            self = .answered(
                status: response.status,
                pause: response.retryAfter.flatMap { Self.pause($0, second) },
                location: response.location.map(Self.shown)
            )
        }
    }

    /// The pause that `Retry-After` asks for (RFC 9110, section 10.2.3): seconds, or a date; a day at most.
    private static func pause(_ text: String, _ second: Int64) -> Int64? {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let seconds =
            isNumber
            ? Int64(text) ?? .max : HTTPDate.second(of: text).map { $0 - min($0, second) }
        return seconds.map { max(0, min($0, 86_400)) * 1_000 }
    }

    /// Where an answer points to, as it may be logged: the receiver's words are not to be trusted, and what stands
    /// behind a question mark may be secret.
    private static func shown(_ location: String) -> String {
        WebAddress(location)?.shown ?? escaped(String(location.prefix { $0 != "?" }.prefix(200)))
    }
}
