import ArgumentParser
import PresenceClient

/// `presence top`: the bridge at work.
struct TopCommand: AsyncParsableCommand {
    struct NoMetrics: Error, CustomStringConvertible {
        let description =
            "no numbers come: may this user read presence/bridge/#, is a bridge there, and is its "
            + "metrics_interval not 0?"
    }

    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "For operators: what the bridge has and does, in totals and a second.",
        usage: "presence top [--json] [<connection>]",
        discussion: """
            Needs a login that may read presence/bridge/#, such as the monitor of the shipped ACL. \
            The numbers come as often as the bridge's metrics_interval says, every 10 s by \
            default; rates and latencies are over that time. On a terminal redrawn in place, with \
            a line of how each number has gone, until Ctrl-C or q; in a pipe a line each time, or with --json an object.

              presence top --username monitor
              presence top --json | jq .rates.requests
            """
    )

    @Flag(help: "Print a JSON object each time.")
    var json = false

    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func run() async throws {
        let live = LiveScreen.isPossible && !json ? LiveScreen() : nil
        try await ConnectedClient.with(connection) { client in
            try await Signals.untilEnd(live) { try await follow(client, on: live) }
        }
    }

    private func follow(_ client: PresenceClient, on live: LiveScreen?) async throws {
        let updates = client.updates()
        let rounds = await client.metrics()
        try await ConnectedClient.connect(client)
        // The first round is retained; nothing comes to who may not read it.
        let first = try await Race.value(within: client.options.answerTimeout) {
            for await round in rounds { return round }
            throw NoMetrics()
        }
        guard let first else { throw NoMetrics() }
        guard let live else {
            return try await Race.first(
                { try await Self.tell(first, rounds, write) },
                { try await Self.hearEnd(updates) },
                { try await Output.standard.untilClosed() }
            )
        }
        let page = LiveMetrics(on: live)
        try await Race.first(
            { try await Self.tell(first, rounds, page.show) },
            { await page.hear(updates) },
            { try await page.run() }
        )
    }

    private func write(_ table: MetricsTable) throws {
        let now = HumanTime.now
        let line = json ? table.json(now: now) : table.line(now: now)
        try Output.standard.write(line + "\n")
    }

    private static func tell(
        _ first: BridgeMetrics,
        _ rounds: AsyncStream<BridgeMetrics>,
        _ show: (MetricsTable) throws -> Void
    ) async throws {
        var before = [first.bridge: first]
        try show(MetricsTable(metrics: first, before: nil))
        for await round in rounds {
            let last = before.updateValue(round, forKey: round.bridge)
            try show(MetricsTable(metrics: round, before: last))
        }
    }

    private static func hearEnd(_ updates: Updates) async throws {
        var freshness = Freshness()
        for await update in updates {
            if case .connection(.over(let words?)) = update {
                throw PresenceError.cannotConnect(words)
            }
            freshness.news(after: update, well: "all is well again").map(Output.error.say)
        }
    }
}
