import Curl
import Dispatch
import Presence
import PresenceClient

/// Makes calls of a bridge's HTTP side, and reads what comes back.
struct HTTPCaller: Sendable {
    /// The most bytes of an answer that are kept: more than any has.
    private static let longest = 16 << 20

    let options: HTTPOptions

    /// Makes a call; returns the object that it is answered with, an empty one where there is nothing to say.
    func call(
        _ method: String,
        _ path: String,
        query: [(name: String, value: String?)] = [],
        body: [UInt8]? = nil
    ) async throws -> JSONObject {
        var request = request(method, path, query: query)
        request.body = body
        request.patience = options.timeout
        let (sent, caller) = (request, self)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try caller.perform(sent, path) })
            }
        }
    }

    func request(
        _ method: String,
        _ path: String,
        query: [(name: String, value: String?)] = []
    ) -> HTTPRequest {
        let pairs = query.compactMap { name, value in
            value.map { "\(name)=\(Self.encoded($0))" }
        }
        let suffix = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        var request = HTTPRequest(method, options.url + path + suffix)
        request.headers = [("Authorization", "Bearer \(options.token)")]
        request.cafile = options.cafile
        request.connecting = options.timeout
        request.longestAnswer = Self.longest
        return request
    }

    private func perform(_ request: HTTPRequest, _ path: String) throws -> JSONObject {
        let response: HTTPResponse
        do throws(TransferFailure) {
            response = try Self.perform(request)
        } catch {
            throw self.error(error)
        }
        return try read(response, path)
    }

    /// Waits for a request to be over.
    private static func perform(_ request: HTTPRequest) throws(TransferFailure) -> HTTPResponse {
        let transfers = try Transfers()
        _ = transfers.begin(request)
        while true {
            transfers.wait(milliseconds: 1_000)
            if let done = transfers.takeFinished().first { return try done.outcome.get() }
        }
    }

    private func read(_ response: HTTPResponse, _ path: String) throws -> JSONObject {
        guard (200..<300).contains(response.status) else { throw error(response) }
        guard !response.body.isEmpty else { return JSONObject([]) }
        guard case .object(let object)? = try? JSONValue(parsing: response.body) else {
            throw PresenceError.unintelligible(operation: path)
        }
        return object
    }

    // MARK: - What is wrong

    /// Why a call was not made, or was not answered.
    func error(_ failure: TransferFailure) -> PresenceError {
        .cannotConnect("no answer of \(options.url): \(failure)")
    }

    /// What an answer means that is none.
    func error(_ response: HTTPResponse) -> PresenceError {
        let problem = (try? JSONValue(parsing: response.body))?.object
        guard let code = problem?["code"]?.string else {
            let place = response.location.map { ", which points to \($0)" } ?? ""
            return .cannotConnect(
                "what answers at \(options.url) is no bridge: HTTP \(response.status)\(place)"
            )
        }
        let words = problem?["detail"]?.string ?? "HTTP \(response.status)"
        if response.status == 401 {
            return .cannotConnect("the bridge at \(options.url) does not know this token")
        }
        return .refused(
            code: code,
            message: words,
            retryAfter: code == "rate_limited" ? response.retryAfter.flatMap { Int64($0) } : nil
        )
    }

    /// Text as it may stand in a path or a query.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
