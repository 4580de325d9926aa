import Mosquitto
import Presence
import PresenceCore

extension World {
    /// Lets everything happen that the plan has, from the first connection to the last rest.
    package func play() {
        startBroker()
        agenda.pass(dice.pick([1_000, 30_000]))
        startBridge()
        agenda.pass(1_500)
        if let adopted = plan.adopted { note(.adopted(adopted.things)) }
        for _ in 0..<plan.storms {
            storm()
            recover()
            hearOperatorAgain()
            agenda.pass(plan.calm)
            rest()
        }
        restartBridgeQuietly()
        if canRestartBrokerQuietly { restartBrokerQuietly() }
        liveWithThings()
        liveWithAdopted()
        if plan.endsDeserted {
            dismissOperator()
            desert()
        }
        if plan.faults.contains(.userCut) { cutCrowd() }
        if plan.faults.contains(.readingsCut) { cutReadings() }
        restWithReceivers()
    }

    private func storm() {
        let end = agenda.now.uptime + plan.stormLength
        var names = (1...plan.users + 1).map { "u\($0)" }
        names += plan.adopted?.things.map(\.user) ?? []
        let wishes = ClientWalk(users: names, faults: plan.faults) { [weak self] fault in
            self?.note(fault)
        }
        for client in clients { live(client, wishes, until: end) }
        if let adopted = plan.adopted {
            let walk = AdoptedWalk(faults: adopted.faults) { [weak self] in self?.note($0) }
            for source in sources { live(source, walk, until: end) }
        }
        liveWithOperator(until: end)
        plague(until: end)
        plagueReceivers(until: end)
        agenda.pass(plan.stormLength)
        healReceivers()
    }

    private func live(_ client: SimulatedClient, _ wishes: ClientWalk, until end: Int64) {
        agenda.after(client.dice.number(10...plan.pace)) { [weak self, weak client] in
            guard let self, let client, agenda.now.uptime < end else { return }
            wishes.act(client)
            live(client, wishes, until: end)
        }
    }

    // MARK: - At rest

    /// Writes down what is and what should be.
    func rest() {
        var rest = Rest()
        var users = (1...plan.users + 1).map { "u\($0)" } + things.map(\.user)
        if !crowd.isEmpty { users.append(Self.crowdUser) }
        users += strangers.map(\.user) + (boss?.users ?? [])
        users += plan.adopted?.things.map(\.user).filter { !users.contains($0) } ?? []
        guard let (answers, subscriptions) = askAtRest(about: users) else {
            return note(.unanswered)
        }
        (rest.truth, rest.unsure) = whoIsThere()
        // Who left without a word keeps silent when the bridge asks, and it cannot be told when.
        for client in clients where !client.wantsLink && mayHaveBeenAsked(client) {
            rest.unsure.insert("\(client.user)/\(client.device)")
        }
        rest.answers = answers
        rest.subscriptions = subscriptions
        for (topic, message) in broker.retained where topic.hasPrefix("presence/status/") {
            let user = String(topic.dropFirst("presence/status/".count))
            let value = try? JSONValue(parsing: message.payload)
            rest.statuses[user] = value.flatMap { StatusSeen($0) }
        }
        note(.rest(rest))
    }

    /// Has the auditor ask, and ask again where a status has changed meanwhile, as when a device answers
    /// late: then it was not at rest, and what was answered first is not what is retained in the end.
    private func askAtRest(
        about users: [String]
    ) -> (statuses: [String: StatusSeen], subscriptions: [String: [String: Int64]])? {
        for _ in 0..<2 {
            let before = statusesWritten
            guard let found = auditor.ask(about: users) else { return nil }
            if statusesWritten == before { return found }
        }
        return auditor.ask(about: users)
    }

    /// What devices and adopted things are, by user, and those of which nobody can say what they are.
    private func whoIsThere() -> (online: [String: [String: String]], unsure: Set<String>) {
        let most = plan.limits.maxDevices
        var devices = truth.devices(at: agenda.now.uptime, maxDevices: most)
        devices.online.merge(boss?.words ?? [:]) { $1 }
        if let boss, boss.isDoubtful { devices.unsure.formUnion(boss.everything) }
        guard plan.adopted != nil else { return devices }
        let adopted = adopted.devices(
            at: agenda.now.uptime,
            second: agenda.now.unix / 1_000,
            truth
        )
        let online = devices.online.merging(adopted.online) { $0.merging($1) { _, word in word } }
        var unsure = devices.unsure.union(adopted.unsure)
        // A user has so many devices, its own and adopted ones together.
        for (user, words) in online where words.count > most {
            unsure.formUnion(words.keys.map { "\(user)/\($0)" })
            unsure.formUnion((1...plan.devices).map { "\(user)/d\($0)" })
        }
        return (online, unsure)
    }

    /// Whether the bridge may have asked a device that was online whether it is there, and taken its
    /// silence for its end: after a restart of the broker it asks everyone; where a reading finds
    /// garbage, the device of that topic; once the broker has dropped messages, to whomever, those of
    /// whom the will of another connection came last.
    private func mayHaveBeenAsked(_ client: SimulatedClient) -> Bool {
        truth.hasSeenRestart || truth.isDefaced(client.user, client.device)
            || (broker.dropped > 0 && truth.isContradicted(client.user, client.device))
    }

    // MARK: - Quiet

    /// Starts the bridge again while nobody does anything.
    private func restartBridgeQuietly() {
        guard bridge != nil else { return }
        note(.quietBegan(.bridgeRestart))
        if dice.chance(50) { bridge?.kill() } else { bridge?.stop() }
        agenda.pass(dice.number(10...4_000))
        startBridge()
        agenda.pass(8_000)
        note(.quietEnded)
        rest()
    }

    /// Whether the devices that are online are just those that are connected, so that each says again
    /// what it said. (A device that names no session may be held for lost by an old connection's will.)
    private var canRestartBrokerQuietly: Bool {
        let (online, unsure) = truth.devices(
            at: agenda.now.uptime,
            maxDevices: plan.limits.maxDevices
        )
        // Adopted things have a season of their own for that.
        guard unsure.isEmpty, dice.chance(50), plan.adopted == nil, boss == nil
        else { return false }
        var connected = online.mapValues { _ in [String: String]() }
        for client in clients where client.wantsLink {
            guard let word = client.word, word != "invisible" else { continue }
            connected[client.user, default: [:]][client.device] = word
        }
        return connected == online
    }

    /// Starts the broker again, and every device comes back.
    private func restartBrokerQuietly() {
        broker.save()
        note(.quietBegan(.brokerRestart))
        stopBroker(killing: dice.chance(50) || plan.hasNoGrace)
        agenda.pass(dice.number(100...5_000))
        startBroker()
        agenda.pass(plan.calm)
        note(.quietEnded)
        rest()
    }

    // MARK: - The end

    /// Everybody leaves, and is forgotten.
    private func desert() {
        // What was told in the future, before the clock was set back, is forgotten after that.
        if plan.faults.contains(.clockStepped) { agenda.stepClock(by: 86_400_000) }
        for client in clients { client.retire() }
        for source in sources { source.retire() }
        agenda.pass(plan.forgetting)
        guard let bridge else { return note(.unanswered) }
        var footprint = Footprint()
        footprint.names = bridge.namesHeld
        footprint.users = bridge.metrics.usersKnown
        footprint.subscriptions = bridge.metrics.subscriptions
        footprint.rows = disk.rows
        footprint.retained =
            broker.retained.keys.filter {
                $0.hasPrefix("presence/status/") || $0.hasPrefix("presence/device/")
            }.count
        note(.deserted(footprint))
    }
}
