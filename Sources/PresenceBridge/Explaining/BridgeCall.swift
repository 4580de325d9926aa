import Curl
import PresenceHTTP

/// One call of a bridge that runs, by HTTP: what the operator's own commands ask with.
public struct BridgeCall: Sendable {
    /// What came back.
    public struct Answer: Hashable, Sendable {
        /// The status of HTTP.
        public var status: Int
        /// The body.
        public var body: [UInt8]
    }

    /// Why nothing came back, in words.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The reason, with the address.
        public let description: String
    }

    /// The most bytes of an answer: more than any has.
    private static let longest = 16 << 20

    private let address: ListenAddress
    private let token: String

    /// A call of the bridge that listens at an address, with a token's secret.
    public init(to address: ListenAddress, token: String) {
        self.address = address
        self.token = token
    }

    /// Gets what is at a path, which is percent-encoded already; whoever calls waits.
    public func get(_ path: String) throws(Failure) -> Answer {
        var request: HTTPRequest
        switch address {
        case .tcp(let host, let port):
            request = HTTPRequest("GET", "http://\(Self.reachable(host)):\(port)\(path)")
        case .unix(let socket):
            request = HTTPRequest("GET", "http://bridge\(path)")
            request.unixSocket = socket
        }
        request.headers = [("Authorization", "Bearer \(token)")]
        // What is asked of the loop is answered within 15 s, or refused.
        request.patience = 20_000
        request.longestAnswer = Self.longest
        do throws(TransferFailure) {
            let transfers = try Transfers()
            _ = transfers.begin(request)
            while true {
                transfers.wait(milliseconds: 1_000)
                guard let done = transfers.takeFinished().first else { continue }
                let response = try done.outcome.get()
                return Answer(status: response.status, body: response.body)
            }
        } catch {
            throw Failure(description: "no bridge answers at \(address): \(error)")
        }
    }

    /// Where a bridge is reached that listens at every address of its machine, as a URL has it.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}
