import Dispatch
import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Presence

/// The HTTP side: listens, and answers calls by asking a desk, on threads of its own.
public struct HTTPServer: Sendable {
    /// Why it cannot listen, in words.
    public struct Failure: Error, CustomStringConvertible {
        /// The address and what is wrong with it.
        public let description: String
    }

    /// The most bytes of a head: as long as the names of a hundred users, each byte percent-encoded.
    private static let longestHead = 65_536

    private let options: HTTPOptions
    private let responder: Responder
    private let log: Logger

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
        responder = Responder(desk: desk, tokens: tokens, version: version)
    }

    /// Listens and answers until the task is cancelled.
    ///
    /// - Parameter onListening: is told the address, with the port that was found where any would do.
    /// - Throws: ``Failure`` where it cannot listen.
    public func run(
        onListening: @escaping @Sendable (ListenAddress) -> Void = { _ in }
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await checkSocket(group)
            try await server(group, onListening).run()
        } catch let error as Failure {
            try? await group.shutdownGracefully()
            throw error
        } catch {
            try? await group.shutdownGracefully()
            if Task.isCancelled { return removeSocket() }
            throw Failure(description: "cannot listen on \(options.address): \(words(for: error))")
        }
        try? await group.shutdownGracefully()
        removeSocket()
    }

    private func server(
        _ group: MultiThreadedEventLoopGroup,
        _ onListening: @escaping @Sendable (ListenAddress) -> Void
    ) -> Server<HTTP1Channel> {
        let (options, log) = (options, log)
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
        return Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(
                address: address,
                backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(options.connections)
            ),
            onServerRunning: { channel in
                var address = options.address
                if case .unix(let path) = address {
                    // Whoever may use it is up to its group, and the folder that it is in.
                    try? FileManager.default.setAttributes(
                        [.posixPermissions: 0o660],
                        ofItemAtPath: path
                    )
                } else if case .tcp(let host, _) = address, let port = channel.localAddress?.port {
                    address = .tcp(host: host, port: port)
                }
                log.info("HTTP on \(address)")
                onListening(address)
            },
            eventLoopGroup: group,
            logger: Logger(label: "presence-bridge.http") { _ in SwiftLogNoOpLogHandler() }
        )
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
        head.headerFields[.contentLength] = "\(response.body.count)"
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        try await writer.write(response: head, body: body)
    }

    // MARK: - Addresses

    /// A socket's file that nobody answers at is left over, and is replaced; one at which somebody does is another
    /// program's.
    private func checkSocket(_ group: MultiThreadedEventLoopGroup) async throws {
        guard case .unix(let path) = options.address,
            let channel = try? await ClientBootstrap(group: group)
                .connect(unixDomainSocketPath: path).get()
        else { return }
        try? await channel.close()
        throw Failure(description: "cannot listen on \(path): another program does already")
    }

    private func removeSocket() {
        guard case .unix(let path) = options.address else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    private func words(for error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        switch error.errnoCode {
        case EADDRINUSE: return "another program listens there already"
        case EACCES: return "there is no right to"
        case EADDRNOTAVAIL: return "this machine has no such address"
        default: return "\(error)"
        }
    }
}
