import BrokerFixture
import DatabaseFixture

/// The bridges of a service: one with a store of its own, or some that share a database.
struct Fleet: Sendable {
    /// One host for each bridge.
    let hosts: [BridgeHost]
    /// The database that they share; `nil` where there is one bridge, whose store is a file.
    let database: DatabaseServer?

    /// One bridge, whose store is a file.
    init(
        store: String,
        at broker: Broker,
        flags: [String: String],
        log: RunLog
    ) throws {
        let id = BridgeHost.username
        hosts = [try BridgeHost(id, at: broker, store: store, flags: flags, log: log)]
        database = nil
    }

    /// Some bridges that share a database, each by a way of its own.
    init(
        of count: Int,
        sharing database: DatabaseServer,
        at broker: Broker,
        flags: [String: String],
        log: RunLog
    ) throws {
        hosts = try (1...count).map { number in
            let relay = try DatabaseRelay(to: database)
            return try BridgeHost(
                "bridge-\(number)",
                at: broker,
                store: relay.uri,
                relay: relay,
                flags: flags,
                log: log
            )
        }
        self.database = database
    }

    /// Whether several bridges share a store, so that another one serves when one is taken away.
    var isShared: Bool { database != nil }

    /// The host of a bridge.
    subscript(id: String) -> BridgeHost? { hosts.first { $0.id == id } }

    /// Starts what has ended and what nobody holds down.
    func supervise() async { for host in hosts { await host.supervise() } }

    /// Where the processes are not what they should be.
    var disorder: [String] {
        get async {
            var lines: [String] = []
            for host in hosts { lines += await host.disorder }
            return lines
        }
    }

    /// Kills all of them.
    func end() async {
        for host in hosts { await host.end() }
        guard let database else { return }
        try? await offPool { database.end(.killed) }
    }
}
