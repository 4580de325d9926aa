import PresenceClient

/// One device online, from its login to its logout.
struct Login: Sendable {
    /// How long the logout may wait for the bridge.
    private static let farewell: Duration = .seconds(3)

    let options: ClientOptions
    let description: String?
    let lifetime: Lifetime?

    init(_ options: ClientOptions, description: String?, lifetime: Lifetime?) {
        self.options = options
        self.description = description
        self.lifetime = lifetime
    }

    /// Is online until a signal asks for the end, and logs out.
    func run() async throws {
        let client = try PresenceClient(options)
        let updates = client.updates()
        do {
            try await Signals.untilEnd { try await stay(client, updates) }
        } catch {
            await leave(client)
            throw error
        }
        await leave(client)
    }

    private func stay(_ client: PresenceClient, _ updates: Updates) async throws {
        try await client.connect()
        if let description {
            try await client.publish(description: description, expiry: lifetime?.duration)
        }
        let who = "\(options.username) is \(options.status.text) with the device \(options.device)"
        Output.error.say("\(who); Ctrl-C logs out")
        try await Session.first(
            { try await Self.hear(updates) },
            { try await Self.seekBridge(client) }
        )
    }

    /// Tells of the connection; ends when it is over, or the bridge does not take the device.
    private static func hear(_ updates: Updates) async throws {
        var isOnline = true
        var bridgeIsAway = false
        for await update in updates {
            switch update {
            case .connection(.up):
                if !isOnline { Output.error.say("connected again") }
                isOnline = true
            case .connection(.down(let words)):
                if isOnline { Output.error.say("\(words); trying again") }
                isOnline = false
            case .connection(.over(let words?)): throw PresenceError.cannotConnect(words)
            case .bridge(let state):
                if state == nil {
                    Output.error.say("the bridge is away: nobody is told until it is back")
                } else if bridgeIsAway {
                    Output.error.say("the bridge is back")
                }
                bridgeIsAway = state == nil
            case .deviceRefused(let refusal): throw refusal
            case .status, .subscriptionEnded, .caughtUp, .missed, .connection(.over(nil)):
                break
            }
        }
    }

    /// Says it if no bridge is there to tell anybody.
    private static func seekBridge(_ client: PresenceClient) async throws {
        try await Task.sleep(for: .seconds(2))
        if await client.isConnected, await client.bridge == nil {
            Output.error.say("no bridge is there: nobody is told until one comes")
        }
        try await Session.forever()
    }

    /// Takes back the description, if it is still this one and has no time of its own, and logs out.
    private func leave(_ client: PresenceClient) async {
        if let description, !description.isEmpty, lifetime == nil, await client.isConnected {
            let username = options.username
            let isDone = await Session.isDone(within: Self.farewell) {
                guard try await client.status(of: username).description == description else {
                    return
                }
                try await client.publish(description: "")
            }
            if !isDone { Output.error.say("the bridge does not answer: the description stays") }
        }
        await client.close()
    }
}
