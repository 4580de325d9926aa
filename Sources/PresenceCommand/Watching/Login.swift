import PresenceClient

/// One device online, from its login to its logout.
struct Login: Sendable {
    /// How long the logout may wait for the bridge.
    private static let farewell: Duration = .seconds(4)
    /// What the bridge retains of itself comes at once; who waits longer has none.
    private static let welcome: Duration = .seconds(1)

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
        let first = client.updates()
        try await Session.connect(client)
        if let description {
            try await client.publish(description: description, expiry: lifetime?.duration)
        }
        let isThere = await Self.bridgeIsThere(first)
        let who = options.username
        let device = "with the device \(options.device)"
        if isThere {
            Output.error.say("\(who) is \(options.status) \(device); Ctrl-C logs out")
        } else {
            Output.error.say(
                "no bridge is there: \(who) will be \(options.status) \(device) when one comes; "
                    + "Ctrl-C logs out"
            )
        }
        try await hear(updates, news: LoginNews(options.device, bridgeIsThere: isThere))
    }

    /// Whether a bridge says that it is there.
    private static func bridgeIsThere(_ updates: Updates) async -> Bool {
        await Session.isDone(within: welcome) {
            for await update in updates {
                if case .bridge(let state) = update, state != nil { return }
            }
            throw CancellationError()
        }
    }

    /// Tells what happens; ends when the connection is over, or the bridge does not take the device.
    private func hear(_ updates: Updates, news: LoginNews) async throws {
        var news = news
        for await update in updates {
            switch update {
            case .connection(.over(let words?)): throw PresenceError.cannotConnect(words)
            case .deviceRefused(let refusal): throw refusal
            default: news.hear(update).map(Output.error.say)
            }
        }
    }

    /// Logs out, and takes back the description, if it is still this one and has no time of its own.
    ///
    /// The device goes first and the words right after it, so that watchers see one change of both.
    private func leave(_ client: PresenceClient) async {
        if let description, !description.isEmpty, lifetime == nil, await client.isConnected {
            let isDone = await Session.isDone(within: Self.farewell) {
                guard try await client.status(of: options.username).description == description
                else { return }
                try await logOut(client)
                try await client.publish(description: "")
            }
            if !isDone { Output.error.say("the bridge does not answer: the description stays") }
        }
        await client.close()
    }

    /// States the logout, and waits for it to take effect, which it does after the bridge's
    /// `logout_grace`; longer than half of the farewell it does not wait.
    private func logOut(_ client: PresenceClient) async throws {
        try await client.setStatus(.offline)
        let end = ContinuousClock.now + Self.farewell / 2
        while ContinuousClock.now < end {
            let status = try await client.status(of: options.username)
            guard status.devices.contains(where: { $0.name.text == options.device }) else { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// What a login says about its connection, its bridge and its device, in a line each, when it
/// changes.
struct LoginNews {
    private let device: String
    private var isOnline = true
    private var bridgeIsThere: Bool
    private var wasThere: Bool

    /// - Parameter bridgeIsThere: Whether a bridge was there when the login was told.
    init(_ device: String, bridgeIsThere: Bool) {
        self.device = device
        self.bridgeIsThere = bridgeIsThere
        wasThere = bridgeIsThere
    }

    /// The line for an update; `nil` when it changes nothing that is worth one.
    mutating func hear(_ update: Update) -> String? {
        switch update {
        case .connection(.up):
            defer { isOnline = true }
            return isOnline ? nil : "connected again"
        case .connection(.down(let words)):
            defer { isOnline = false }
            return isOnline ? "\(words); trying again" : nil
        case .bridge(let state):
            guard (state != nil) != bridgeIsThere else { return nil }
            bridgeIsThere = state != nil
            defer { wasThere = wasThere || bridgeIsThere }
            if !bridgeIsThere { return "the bridge is away: nobody is told until it is back" }
            return wasThere ? "the bridge is back" : "a bridge is there"
        case .severalBridges(let ids) where !ids.isEmpty:
            let names = ids.map(\.text).joined(separator: ", ")
            return "\(ids.count) bridges serve this prefix, where there should be one: \(names)"
        case .deviceReplaced(let word?):
            return "the device \(device) is \(word) now: another program uses this name, too; give "
                + "each its own --id"
        case .deviceReplaced(nil):
            return "another program has logged out the device \(device), whose name it uses, too; "
                + "it is stated again; give each its own --id"
        case .status, .subscriptionEnded, .caughtUp, .severalBridges, .missingEvents,
            .deviceRefused, .missed, .connection(.over):
            return nil
        }
    }
}
