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
    /// Runs while nothing of a request has come.
    private var idle: Scheduled<Void>?
    /// Runs while a request comes.
    private var reading: Scheduled<Void>?
    /// Runs while the client has not taken what it is answered.
    private var writing: Scheduled<Void>?
    /// Runs when the connection is ended on this side.
    private var leaving: Scheduled<Void>?
    /// Whether something has come of a request that has not ended.
    private var hasBegun = false
    private var requestsEnded = 0
    private var responsesBegun = 0
    private var responsesEnded = 0
    /// What is wrong with what came behind the whole requests, until all of those are answered.
    private var problem: Problem?
    /// How many writes the network has not taken.
    private var unwritten = 0

    init(patience: Duration) { self.patience = TimeAmount(patience) }

    func handlerAdded(context: ChannelHandlerContext) {
        let arrivals = ArrivalHandler { [self] in
            hasBegun = true
            watchInput(context)
        }
        try? context.pipeline.syncOperations.addHandler(arrivals, position: .first)
        if context.channel.isActive { watchInput(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        watchInput(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        stopReading()
        Self.stop(&writing)
        Self.stop(&leaving)
    }

    private func stopReading() {
        Self.stop(&idle)
        Self.stop(&reading)
    }

    private static func stop(_ timer: inout Scheduled<Void>?) {
        timer?.cancel()
        timer = nil
    }

    private func closing(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            hasBegun = true
            answerExpectation(of: head, context)
        case .body: break
        case .end:
            requestsEnded += 1
            hasBegun = false
            stopReading()
        }
        context.fireChannelRead(data)
    }

    /// Waits for a request to begin, and from then on for its end, so long each and no longer; not while
    /// the client waits for an answer.
    private func watchInput(_ context: ChannelHandlerContext) {
        guard leaving == nil, problem == nil, requestsEnded == responsesEnded else { return }
        if !hasBegun {
            if idle == nil { idle = closing(context, in: patience) }
        } else if reading == nil {
            Self.stop(&idle)
            reading = closing(context, in: patience)
        }
    }

    /// Tells a client to go on that asks before it sends its body, unless that is too long, or other answers come
    /// before.
    private func answerExpectation(of head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard head.headerFields[.expect]?.lowercased() == "100-continue",
            let length = head.headerFields[.contentLength].flatMap(Int.init),
            length <= Responder.longestBody, requestsEnded == responsesEnded
        else { return }
        let part = HTTPResponsePart.head(HTTPResponse(status: .continue))
        context.writeAndFlush(wrapOutboundOut(part), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        guard leaving == nil, problem == nil else { return }
        let isTooLong = error == .headerOverflow
        problem = Problem(
            isTooLong ? .requestHeaderFieldsTooLarge : .badRequest,
            (isTooLong ? ErrorCode.payloadTooLarge : .malformedRequest).rawValue,
            isTooLong ? "the head of the request is too long" : "this is no request of HTTP/1.1"
        )
        stopReading()
        tellProblem(context)
    }

    /// Tells a client that what it sent is no HTTP, once it has all the answers to what came before that.
    private func tellProblem(_ context: ChannelHandlerContext) {
        guard let problem, requestsEnded == responsesEnded, responsesBegun == responsesEnded
        else { return }
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
        if writing == nil { writing = closing(context, in: patience) }
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            unwritten -= 1
            Self.stop(&writing)
            // On a stream there may always be something on its way to a client that reads.
            if unwritten > 0 { writing = closing(context, in: patience) }
        }
        context.write(data, promise: promise)
        guard case .end = part else { return }
        context.flush()
        responsesEnded += 1
        if requestsEnded < responsesEnded {
            bidFarewell(context)
        } else {
            tellProblem(context)
            watchInput(context)
        }
    }

    /// Ends the connection, but lets the client read what it was told: were it closed over what is still coming,
    /// that would be lost.
    private func bidFarewell(_ context: ChannelHandlerContext) {
        guard leaving == nil else { return }
        stopReading()
        leaving = closing(context, in: Self.farewell)
        context.close(mode: .output, promise: nil)
    }
}

/// Tells when bytes come, before anything is made of them.
private final class ArrivalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let note: () -> Void

    init(note: @escaping () -> Void) { self.note = note }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        note()
        context.fireChannelRead(data)
    }
}
