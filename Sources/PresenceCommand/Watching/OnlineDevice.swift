import PresenceClient

/// One device online, from its login to its logout.
struct OnlineDevice: Sendable {
    private static let farewell: Duration = .seconds(4)
    /// What the bridge retains of itself comes at once; who waits longer has none.
    private static let welcome: Duration = .seconds(1)

    let options: ClientOptions
    let word: StatusWord
    let description: String?
    let lifetime: Lifetime?

    init(_ options: ClientOptions, description: String?, lifetime: Lifetime?) {
        var options = options
        word = options.status
        // Nothing shows until the word and the description are said, one right behind the other.
        if description != nil { options.status = .invisible }
        self.options = options
        self.description = description
        self.lifetime = lifetime
    }

    /// Is online until a signal asks for the end, and logs out.
    func run() async throws {
        let client = try PresenceClient(options)
        let words = OnlineDescription(description, lifetime)
        do {
            try await Signals.untilEnd { try await stay(client, words) }
        } catch {
            await leave(client, words)
            throw error
        }
        await leave(client, words)
    }

    private func stay(_ client: PresenceClient, _ words: OnlineDescription) async throws {
        let updates = client.updates()
        // A stream ends with the wait for it.
        let (first, later) = (client.updates(), client.updates())
        try await ConnectedClient.connect(client)
        let isThere = await Race.isDone(within: Self.welcome) {
            try await Self.bridge(in: first)
        }
        if description != nil {
            if isThere {
                try await say(words, by: client)
            } else {
                try await client.setStatus(word)
            }
        }
        let who = options.username
        let device = "with the device \(options.device)"
        if isThere {
            Output.error.say("\(who) is \(word) \(device); Ctrl-C logs out")
        } else {
            Output.error.say(
                "no bridge is there: \(who) will be \(word) \(device) when one comes; "
                    + "Ctrl-C logs out"
            )
        }
        let news = OnlineDeviceNews(options.device, bridgeIsThere: isThere)
        try await Race.first(
            { try await hear(updates, news: news) },
            {
                if !isThere {
                    try await Self.bridge(in: later)
                    try await words.publish(by: client)
                }
                try await Race.forever()
            }
        )
    }

    /// Publishes the description and states the word right behind it: the bridge mostly reads both in one
    /// turn, and then watchers are told once.
    private func say(_ words: OnlineDescription, by client: PresenceClient) async throws {
        async let published: Void = words.publish(by: client)
        try await client.setStatus(word)
        try await published
    }

    private static func bridge(in updates: Updates) async throws {
        for await update in updates {
            if case .bridge(let state) = update, state != nil { return }
        }
        throw CancellationError()
    }

    /// Tells what happens; ends when the connection is over, or the bridge does not take the device.
    private func hear(_ updates: Updates, news: OnlineDeviceNews) async throws {
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
    private func leave(_ client: PresenceClient, _ words: OnlineDescription) async {
        if let description = await words.toTakeBack, await client.isConnected {
            let isDone = await Race.isDone(within: Self.farewell) {
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
