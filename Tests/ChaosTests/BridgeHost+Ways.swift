import DatabaseFixture

/// What is done to a bridge's ways to the broker and to the database.
extension BridgeHost {
    /// Nothing passes to the broker, or from it, until ``restoreBroker(_:)``.
    ///
    /// - Parameter silently: Whether both sides believe that their connection stands.
    func cutBroker(silently: Bool) {
        brokerCuts += 1
        if silently { tunnel.freeze(every: 1, newcomers: true) } else { tunnel.shut() }
    }

    /// What the bridge's connection carries is swallowed until ``restoreBroker(_:)``; another one would stand.
    func freezeBroker() {
        brokerCuts += 1
        tunnel.freeze(every: 1)
    }

    /// The way to the broker is free.
    func restoreBroker(_ thaw: Tunnel.Thaw) {
        brokerCuts -= 1
        guard brokerCuts == 0 else { return }
        tunnel.thaw(thaw)
        tunnel.open()
    }

    /// Nothing passes to the database, or from it, until ``restoreDatabase(_:)``.
    ///
    /// - Parameter silently: Whether both sides believe that their session stands.
    func cutDatabase(silently: Bool) {
        databaseCuts += 1
        if silently { relay?.silence() } else { relay?.cut() }
    }

    /// The way to the database is free.
    func restoreDatabase(_ thaw: Tunnel.Thaw) {
        databaseCuts -= 1
        guard databaseCuts == 0 else { return }
        relay?.open(endingConnections: thaw != .goOn)
    }

    /// Whether the bridge reaches the database, and not the broker.
    var isCutFromBrokerAlone: Bool { brokerCuts > 0 && databaseCuts == 0 }

    /// Whether something is done to the bridge.
    var isDisturbed: Bool { holds > 0 || pauses > 0 || brokerCuts > 0 || databaseCuts > 0 }

    /// Whether the bridge has run for some time.
    func hasRun(for time: Duration) -> Bool {
        running != nil && ContinuousClock.now - started > time
    }
}
