import Presence

extension Question {
    /// What a call of `/v1` asks.
    ///
    /// - Throws: ``ErrorCode/malformedRequest`` for what has not the form that the call wants. What names and
    ///   numbers may be is decided by the bridge.
    init(_ call: HTTPCall, _ parameters: Parameters, body: [UInt8]) throws(Refusal) {
        switch call {
        case .livez, .readyz, .openAPI, .metrics, .changes:
            preconditionFailure("\(call) asks the bridge nothing")
        case .status:
            self.init(.status, about: try parameters.path("user"), as: try parameters.text("as"))
        case .query:
            let request = try Self.request(.get, body)
            self.init(.request(request), as: try parameters.text("as"))
        case .online:
            let request = Request.online(
                pageSize: try parameters.whole("pageSize"),
                cursor: try parameters.text("cursor")
            )
            self.init(.request(request), as: try parameters.text("as"))
        case .describe:
            let user = try parameters.path("user")
            self.init(.request(try Self.request(.publish, body)), about: user)
        case .state:
            guard body.count <= Statement.longest else {
                throw Refusal(
                    .payloadTooLarge,
                    "a statement has \(Statement.longest) bytes at most; this one has \(body.count)"
                )
            }
            let (user, device) = (try parameters.path("user"), try parameters.path("device"))
            // A word alone is for those who have no JSON.
            _ = try RequestMembers(readingPayload: body.isEmpty ? [0x20] : body)
            self.init(.statement(device: device, payload: body), about: user)
        case .forgetDevice:
            let (user, device) = (try parameters.path("user"), try parameters.path("device"))
            self.init(.statement(device: device, payload: []), about: user)
        case .subscriptions:
            let user = try parameters.path("user")
            let request = Request.subscriptions(
                pageNum: try parameters.whole("pageNum"),
                pageSize: try parameters.whole("pageSize")
            )
            self.init(.request(request), about: user)
        case .subscribe:
            let user = try parameters.path("user")
            self.init(.request(try Self.request(.subscribe, body)), about: user)
        case .unsubscribe:
            let user = try parameters.path("user")
            self.init(.request(.unsubscribe(try Self.target(of: parameters))), about: user)
        case .watchers:
            let user = try parameters.path("user")
            let request = Request.watchers(
                pageSize: try parameters.whole("pageSize"),
                cursor: try parameters.text("cursor")
            )
            self.init(.request(request), about: user)
        case .history:
            let user = try parameters.path("user")
            let request = Request.history(
                after: try parameters.whole("after"),
                before: try parameters.whole("before"),
                pageSize: try parameters.whole("pageSize"),
                cursor: try parameters.text("cursor")
            )
            self.init(.request(request), about: user)
        case .explanation: self.init(.explanation, about: try parameters.path("user"))
        case .erase: self.init(.erasure, about: try parameters.path("user"))
        }
    }

    private static func request(
        _ operation: Request.Operation,
        _ body: [UInt8]
    ) throws(Refusal) -> Request {
        try Request(operation, reading: try RequestMembers(readingPayload: body))
    }

    /// From whom a user is unsubscribed: each once, in the order of the query.
    private static func target(of parameters: Parameters) throws(Refusal) -> Request.Target {
        var usernames: [String] = []
        var seen: Set<[UInt8]> = []
        for username in try parameters.all("username")
        where seen.insert(Array(username.utf8)).inserted {
            usernames.append(username)
        }
        switch (usernames.isEmpty, try parameters.flag("all")) {
        case (false, false): return .users(usernames)
        case (true, true): return .everyone
        case (true, false):
            throw Refusal(.malformedRequest, "?username=... or ?all=true is wanted")
        case (false, true):
            throw Refusal(.malformedRequest, "username and all exclude each other")
        }
    }
}
