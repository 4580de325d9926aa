import NIOCore
import NIOHTTP1
import NIOPosix

/// One call of a bridge that runs, by HTTP: what the operator's own commands ask with.
public struct BridgeCall: Sendable {
    /// What came back.
    public struct Answer: Hashable, Sendable {
        /// The status of HTTP.
        public var status: UInt
        /// The body.
        public var body: [UInt8]
    }

    /// Why nothing came back, in words.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The reason, with the address.
        public let description: String
    }

    /// The most bytes of an answer: more than any has.
    static let longest = 16 << 20

    let address: ListenAddress
    let token: String
    /// How long all of it may take, in seconds.
    var patience: Int64 = 20

    /// A call of the bridge that listens at an address, with a token's secret.
    public init(to address: ListenAddress, token: String) {
        self.address = address
        self.token = token
    }

    /// Gets what is at a path, which is percent-encoded already.
    public func get(_ path: String) async throws(Failure) -> Answer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Answer, Failure>
        do {
            result = .success(try await answer(to: path, group))
        } catch {
            result = .failure(Failure(description: words(for: error)))
        }
        try? await group.shutdownGracefully()
        return try result.get()
    }

    private func answer(
        to path: String,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> Answer {
        let promise = group.next().makePromise(of: Answer.self)
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(.seconds(patience))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerReader(promise))
                }
            }
        let channel: any Channel
        do {
            channel =
                switch address {
                case .tcp(let host, let port):
                    try await bootstrap.connect(host: Self.reachable(host), port: port).get()
                case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
                }
        } catch {
            promise.fail(error)
            throw error
        }
        let silence = Failure(description: "the bridge at \(address) does not answer")
        let timer = channel.eventLoop.scheduleTask(in: .seconds(patience)) { promise.fail(silence) }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
        head.headers.add(name: "Host", value: "bridge")
        head.headers.add(name: "Authorization", value: "Bearer \(token)")
        head.headers.add(name: "Connection", value: "close")
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        return try await promise.futureResult.get()
    }

    /// Where a bridge is reached that listens at every address of its machine.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    private func words(for error: any Error) -> String {
        if let error = error as? Failure { return error.description }
        let reason: String? =
            switch error {
            case let error as IOError: SocketFile.words(for: error.errnoCode)
            case let error as NIOConnectionError:
                error.connectionErrors.lazy.compactMap { $0.error as? IOError }.first
                    .map { SocketFile.words(for: $0.errnoCode) }
            case is HTTPParserError: "what answers there speaks no HTTP"
            default: nil
            }
        return "no bridge answers at \(address): \(reason ?? "\(error)")"
    }
}

/// Collects an answer.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<BridgeCall.Answer>
    private var answer = BridgeCall.Answer(status: 0, body: [])

    init(_ promise: EventLoopPromise<BridgeCall.Answer>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = head.status.code
        case .body(let bytes):
            answer.body += bytes.readableBytesView
            if answer.body.count > BridgeCall.longest { context.close(promise: nil) }
        case .end: promise.succeed(answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(BridgeCall.Failure(description: "the bridge has not answered"))
    }
}
