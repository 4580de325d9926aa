import HTTPTypes
import Presence

/// Answers calls: finds out what is wrong with one in the order that the documents promise, and asks the bridge.
struct Responder: Sendable {
    /// What is answered.
    struct Response: Sendable {
        enum Body: Sendable {
            case bytes([UInt8])
            /// Goes on until the client is gone, and is cancelled with the server.
            case stream(@Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void)
        }

        var status: HTTPResponse.Status
        var fields: HTTPFields = [:]
        var body = Body.bytes([])
    }

    /// The most bytes of a body.
    static let longestBody = 1 << 20

    let desk: any Desk
    let tokens: Tokens
    /// The bridge's version, for the documents.
    let version: String
    let waiters: Waiters

    /// Answers a call.
    ///
    /// - Parameters:
    ///   - nanoseconds: A time on a clock that never steps.
    ///   - readBody: Reads the body; `nil` where that is too long.
    func respond(
        to head: HTTPRequest,
        at nanoseconds: UInt64,
        readBody: () async throws -> [UInt8]?
    ) async throws -> Response {
        do {
            let (route, target) = try admit(head, at: nanoseconds)
            var body: [UInt8] = []
            if route.call.hasBody {
                if let length = head.headerFields[.contentLength].flatMap(Int.init),
                    length > Self.longestBody
                {
                    throw Problem.tooLarge(Self.longestBody)
                }
                guard let read = try await readBody() else {
                    throw Problem.tooLarge(Self.longestBody)
                }
                body = read
            }
            let parameters = Parameters(target, route)
            do throws(Refusal) {
                try parameters.check()
            } catch {
                throw Problem(error)
            }
            if route.call == .changes { return try await changes(parameters, head.headerFields) }
            return try await carryOut(route, parameters, body)
        } catch let problem as Problem {
            return Response(
                status: problem.status,
                fields: problem.fields,
                body: .bytes(problem.body)
            )
        }
    }

    /// Finds the route of a call that may be carried out.
    private func admit(
        _ head: HTTPRequest,
        at nanoseconds: UInt64
    ) throws(Problem) -> (Route, RequestTarget) {
        guard let target = head.path.flatMap(RequestTarget.init) else { throw .noPath }
        let routes = Route.all.filter { $0.matches(target) }
        guard !routes.isEmpty else { throw .noPath }
        let token = token(of: head)
        guard token != nil || routes.contains(where: { $0.scope == nil }) else { throw .noToken }
        guard let route = routes.first(where: { $0.method == head.method }) else {
            throw .wrongMethod(routes.map(\.method.rawValue))
        }
        guard let scope = route.scope else { return (route, target) }
        guard let token else { throw .noToken }
        guard token.scopes.contains(scope) else { throw .outOfScope(scope) }
        if let seconds = tokens.take(token, at: nanoseconds) { throw .limited(seconds) }
        return (route, target)
    }

    private func token(of head: HTTPRequest) -> Token? {
        let values = head.headerFields[values: .authorization]
        guard values.count == 1 else { return nil }
        let words = values[0].split(separator: " ")
        // A longer one is no token, and not worth the time of hashing it.
        guard words.count == 2, words[0].lowercased() == "bearer", words[1].utf8.count <= 128
        else { return nil }
        return tokens.find(String(words[1]))
    }

    // MARK: - Calls

    private func carryOut(
        _ route: Route,
        _ parameters: Parameters,
        _ body: [UInt8]
    ) async throws(Problem) -> Response {
        switch route.call {
        case .livez:
            guard await desk.readiness() != nil else { throw .unready("the loop does not turn") }
            return .json(Array("{\"alive\":true}".utf8))
        case .readyz:
            switch await desk.readiness() {
            case .ready?: return .json(Array("{\"ready\":true}".utf8))
            case .unready(let words)?: throw .unready(words)
            case nil: throw .unready("the loop does not turn")
            }
        case .openAPI: return .json(OpenAPIDocument.json(version: version))
        case .metrics:
            guard let measures = await desk.measures() else {
                throw .unready("the loop does not turn")
            }
            let text = PrometheusText.text(measures)
            return Response(
                status: .ok,
                fields: [.contentType: PrometheusText.contentType],
                body: .bytes(Array(text.utf8))
            )
        default: return try await ask(route.call, parameters, body)
        }
    }

    private func ask(
        _ call: HTTPCall,
        _ parameters: Parameters,
        _ body: [UInt8]
    ) async throws(Problem) -> Response {
        let question: Question
        do throws(Refusal) {
            question = try Question(call, parameters, body: body)
        } catch {
            throw Problem(error)
        }
        switch await desk.ask(question) {
        case .success(let json) where json.isEmpty: return Response(status: .noContent)
        case .success(let json): return .json(json)
        case .failure(let refusal): throw Problem(refusal)
        }
    }
}

extension Responder.Response {
    static func json(_ bytes: [UInt8]) -> Self {
        Self(status: .ok, fields: [.contentType: "application/json"], body: .bytes(bytes))
    }
}
