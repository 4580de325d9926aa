import Dispatch
import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Presence
import Synchronization

/// The HTTP side: listens, and answers calls by asking a desk, on threads of its own.
public struct HTTPServer: Sendable {
    /// Why it cannot listen, or does not any more, in words.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// What is wrong, with the address.
        public let description: String

        /// A failure in words.
        public init(_ description: String) { self.description = description }
    }

    /// The most bytes of a head: as long as the names of a hundred users, each byte percent-encoded.
    private static let longestHead = 65_536

    private let options: HTTPOptions
    private let responder: Responder
    private let log: Logger
    /// Takes charge of the file of a socket that was just made.
    var claim: @Sendable (String) throws(Failure) -> SocketFile = SocketFile.init(madeAt:)

    /// The one thread that serves.
    ///
    /// It stays as long as the process: what is not over when a server ends may still ask something of it.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// A server that does not listen yet.
    public init(
        _ options: HTTPOptions,
        desk: any Desk,
        tokens: Tokens,
        version: String,
        log: Logger
    ) {
        self.options = options
        self.log = log
        responder = Responder(
            desk: desk,
            tokens: tokens,
            version: version,
            waiters: Waiters(most: options.connections * 3 / 4)
        )
    }

    /// Listens and answers until the task is cancelled.
    ///
    /// - Parameter onListening: is told the address, with the port that was found where any would do.
    /// - Throws: ``Failure`` where it cannot listen.
    public func run(
        onListening: @escaping @Sendable (ListenAddress) -> Void = { _ in }
    ) async throws {
        let claimed = Claimed()
        let ending = ServerLog.Ending()
        var failure: Failure?
        do {
            try await checkSocket(Self.group)
            try await withTaskCancellationHandler {
                try await server(claimed, ending, onListening).run()
            } onCancel: {
                ending.begin()
            }
        } catch let error as Failure {
            failure = error
        } catch {
            if !Task.isCancelled {
                failure = Failure(
                    "cannot listen on \(options.address): \(words(for: error))"
                )
            }
        }
        switch claimed.file.withLock({ $0 }) {
        case .success(let file)?: file.remove()
        case .failure(let error)?: failure = error
        case nil: break
        }
        if let failure { throw failure }
    }

    private func server(
        _ claimed: Claimed,
        _ ending: ServerLog.Ending,
        _ onListening: @escaping @Sendable (ListenAddress) -> Void
    ) -> Server<HTTP1Channel> {
        let options = options
        let channel = HTTP1Channel(
            responder: { [responder] request, writer, _ in
                try await Self.answer(request, writer, responder)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionGuard(patience: options.patience)],
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: Self.longestHead,
                    maxHeaderListSize: Self.longestHead,
                    maxHeaderFieldCount: 100
                )
            )
        )
        let address: BindAddress =
            switch options.address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let inner = log.handler
        return Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(
                address: address,
                backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(options.connections)
            ),
            onServerRunning: { [self] channel in begin(channel, claimed, onListening) },
            eventLoopGroup: Self.group,
            logger: Logger(label: log.label) { _ in ServerLog(inner, ending) }
        )
    }

    /// Says that it listens, unless the file of the socket cannot be taken charge of: then it listens no longer.
    private func begin(
        _ channel: any Channel,
        _ claimed: Claimed,
        _ onListening: @Sendable (ListenAddress) -> Void
    ) {
        var address = options.address
        switch address {
        case .unix(let path):
            let file = Result { () throws(Failure) in try claim(path) }
            claimed.file.withLock { $0 = file }
            if case .failure = file { return channel.close(promise: nil) }
        case .tcp(let host, _):
            if let port = channel.localAddress?.port { address = .tcp(host: host, port: port) }
        }
        log.info("HTTP on \(address)")
        onListening(address)
    }

    private static func answer(
        _ request: HummingbirdCore.Request,
        _ writer: consuming ResponseWriter,
        _ responder: Responder
    ) async throws {
        let response = try await responder.respond(
            to: request.head,
            at: DispatchTime.now().uptimeNanoseconds
        ) {
            var body: [UInt8] = []
            for try await buffer in request.body {
                guard body.count + buffer.readableBytes <= Responder.longestBody else { return nil }
                body += buffer.readableBytesView
            }
            return body
        }
        var head = HTTPResponse(status: response.status, headerFields: response.fields)
        head.headerFields[.cacheControl] = "no-store"
        guard response.status != .noContent else { return try await writer.writeResponse(head) }
        switch response.body {
        case .bytes(let bytes):
            head.headerFields[.contentLength] = "\(bytes.count)"
            let body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            try await writer.write(response: head, body: body)
        case .stream(let write):
            var body = try await writer.writeHead(head)
            try await write { bytes in try await body.write(ByteBuffer(bytes: bytes)) }
            try await body.finish(nil)
        }
    }

    // MARK: - Addresses

    /// A socket's file that nobody answers at is left over, and is replaced; one at which somebody does is another
    /// program's.
    private func checkSocket(_ group: MultiThreadedEventLoopGroup) async throws {
        guard case .unix(let path) = options.address else { return }
        do {
            let channel = try await ClientBootstrap(group: group)
                .connect(unixDomainSocketPath: path).get()
            try? await channel.close()
        } catch let error as IOError where [ECONNREFUSED, ENOENT].contains(error.errnoCode) {
            return
        }
        throw Failure("cannot listen on \(path): another program does already")
    }

    private func words(for error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        switch error.errnoCode {
        case EADDRINUSE: return "another program listens there already"
        case EACCES: return "there is no right to"
        case EADDRNOTAVAIL: return "this machine has no such address"
        case let code: return SocketFile.words(for: code)
        }
    }
}

/// The file of the socket, once there is one, or why there is none.
private final class Claimed: Sendable {
    let file = Mutex<Result<SocketFile, HTTPServer.Failure>?>(nil)
}
