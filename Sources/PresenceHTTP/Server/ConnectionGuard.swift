import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Presence

/// Watches over one connection: cuts off who sends or takes too slowly, and tells who sends what is no HTTP.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// For how long a client that has sent only a part of its request may read the answer to it.
    private static let farewell = TimeAmount.seconds(2)

    private let patience: TimeAmount
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var requestsEnded = 0
    private var responsesBegun = 0
    private var responsesEnded = 0
    /// How many writes the network has not taken.
    private var unwritten = 0

    init(patience: Duration) { self.patience = TimeAmount(patience) }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { awaitRequest(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        reading?.cancel()
        writing?.cancel()
        (reading, writing) = (nil, nil)
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answerExpectation(of: head, context)
        case .body: break
        case .end:
            requestsEnded += 1
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    /// Tells a client to go on that asks before it sends its body, unless that is too long.
    private func answerExpectation(of head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard head.headerFields[.expect]?.lowercased() == "100-continue",
            let length = head.headerFields[.contentLength].flatMap(Int.init),
            length <= Responder.longestBody
        else { return }
        let part = HTTPResponsePart.head(HTTPResponse(status: .continue))
        context.writeAndFlush(wrapOutboundOut(part), promise: nil)
    }

    /// Waits for a whole request, so long and no longer.
    private func awaitRequest(_ context: ChannelHandlerContext) {
        reading?.cancel()
        reading = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, responsesBegun == responsesEnded else {
            context.close(promise: nil)
            return
        }
        let isTooLong = error == .headerOverflow
        let problem = Problem(
            isTooLong ? .requestHeaderFieldsTooLarge : .badRequest,
            (isTooLong ? ErrorCode.payloadTooLarge : .malformedRequest).rawValue,
            isTooLong ? "the head of the request is too long" : "this is no request of HTTP/1.1"
        )
        let body = problem.body
        var head = HTTPResponse(status: problem.status, headerFields: problem.fields)
        head.headerFields[.contentLength] = "\(body.count)"
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        bidFarewell(context)
    }

    // MARK: - Responses

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        if case .head(let head) = part, head.status.kind != .informational { responsesBegun += 1 }
        let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
        unwritten += 1
        if writing == nil {
            writing = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
                context.close(promise: nil)
            }
        }
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            unwritten -= 1
            guard unwritten == 0 else { return }
            writing?.cancel()
            writing = nil
        }
        context.write(data, promise: promise)
        guard case .end = part else { return }
        context.flush()
        responsesEnded += 1
        if requestsEnded < responsesEnded {
            self.bidFarewell(context)
        } else if requestsEnded == responsesEnded {
            awaitRequest(context)
        }
    }

    /// Ends the connection, but lets the client read what it was told: were it closed over what is still coming,
    /// that would be lost.
    private func bidFarewell(_ context: ChannelHandlerContext) {
        reading?.cancel()
        context.close(mode: .output, promise: nil)
        reading = context.eventLoop.assumeIsolated().scheduleTask(in: Self.farewell) {
            context.close(promise: nil)
        }
    }
}
