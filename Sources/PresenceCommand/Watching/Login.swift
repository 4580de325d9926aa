import PresenceClient
import Synchronization

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
        let words = Words(description, lifetime)
        do {
            try await Signals.untilEnd { try await stay(client, words) }
        } catch {
            await leave(client, words)
            throw error
        }
        await leave(client, words)
    }

    private func stay(_ client: PresenceClient, _ words: Words) async throws {
        let updates = client.updates()
        // A stream ends with the wait for it.
        let (first, later) = (client.updates(), client.updates())
        try await Session.connect(client)
        let isThere = await Session.isDone(within: Self.welcome) {
            try await Self.bridge(in: first)
        }
        if isThere { try await words.publish(by: client) }
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
        let news = LoginNews(options.device, bridgeIsThere: isThere)
        try await Session.first(
            { try await hear(updates, news: news) },
            {
                if !isThere {
                    try await Self.bridge(in: later)
                    try await words.publish(by: client)
                }
                try await Session.forever()
            }
        )
    }

    /// Waits for a bridge that says that it is there.
    private static func bridge(in updates: Updates) async throws {
        for await update in updates {
            if case .bridge(let state) = update, state != nil { return }
        }
        throw CancellationError()
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
    private func leave(_ client: PresenceClient, _ words: Words) async {
        if let description = words.toTakeBack, await client.isConnected {
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

/// The description that goes with a login.
final class Words: Sendable {
    private let text: String?
    private let lifetime: Lifetime?
    private let isPublished = Mutex(false)

    /// - Parameter lifetime: After how long the words go by themselves; `nil` for with the logout.
    init(_ text: String?, _ lifetime: Lifetime?) {
        self.text = text
        self.lifetime = lifetime
    }

    /// Publishes them, if there are any.
    func publish(by client: PresenceClient) async throws {
        guard let text else { return }
        // Without an answer they may be there all the same.
        isPublished.withLock { $0 = true }
        try await client.publish(description: text, expiry: lifetime?.duration)
    }

    /// What goes with the logout, if it has been said.
    var toTakeBack: String? {
        guard let text, !text.isEmpty, lifetime == nil else { return nil }
        return isPublished.withLock(\.self) ? text : nil
    }
}
