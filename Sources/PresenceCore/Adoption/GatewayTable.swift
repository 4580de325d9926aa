import Presence

/// The number of a gateway; 0 stands for none.
typealias GatewayNumber = UInt32

/// The gateways that things stand behind, and which of them are there.
///
/// A gateway speaks for itself alone: when it dies, what it has published for its things still says that they are
/// there. Gateways stand behind gateways, as zigbee2mqtt behind the bridge between two brokers.
struct GatewayTable: Sendable {
    /// How far a gateway is there.
    enum State: Sendable {
        /// It has said nothing that counts.
        case unknown
        case there
        /// It counts as there until a grace ends.
        case going(Departure)
        case gone(Departure)
    }

    /// A thing, as its gateway knows it.
    struct Thing: Equatable, Sendable {
        var user: UserID
        var number: DeviceNumber
    }

    private struct Gateway: Sendable {
        /// What it is known by.
        var key = ""
        var state = State.unknown
        /// The departure that a restart of the broker has interrupted, where it is known to be no older than that.
        var interrupted: Departure?
        /// The gateway that it stands behind.
        var above: GatewayNumber = 0
        var below: [GatewayNumber] = []
        var things: [Thing] = []
        /// The epoch of the broker, and the connection, in which it spoke last.
        var epoch: Int64
        /// The latest epoch in which a thing behind it spoke, as the store knows; `nil` if it knows none.
        var restored: Int64?
        var connection: UInt32 = 0
        var reading: ReadingID = 0
        /// The connection over which its word was found, and whether that said that it is there.
        var found: (connection: UInt32, comes: Bool) = (0, false)
        /// The numbers of the last session that was born, and of the one before (Sparkplug).
        var session: Int64?
        var sessionBefore: Int64?
    }

    /// The most gateways, and the most of them behind one another.
    private static let most = 100_000
    private static let deepest = 8

    private var numbers: [String: GatewayNumber] = [:]
    private var all: [Gateway] = [Gateway(epoch: 0)]
    /// The numbers of gateways that nothing refers to any more.
    private var free: [GatewayNumber] = []

    /// What a gateway is known by; `nil` for none.
    func key(of number: GatewayNumber) -> String? { number > 0 ? all[Int(number)].key : nil }

    /// The number of a gateway, which may be a new one; 0 if there are too many.
    mutating func number(of key: String, epoch: Int64) -> GatewayNumber {
        if let number = numbers[key] { return number }
        if let number = free.popLast() {
            all[Int(number)] = Gateway(key: key, epoch: epoch)
            numbers[key] = number
            return number
        }
        guard all.count <= Self.most else { return 0 }
        let number = GatewayNumber(all.count)
        all.append(Gateway(key: key, epoch: epoch))
        numbers[key] = number
        return number
    }

    /// A thing of the store stands behind it, which spoke last in an epoch of the broker: a gateway that this
    /// process has not heard yet spoke in the latest of those, since its things are believed when it is back.
    mutating func learn(_ epoch: Int64, of number: GatewayNumber) {
        guard number > 0, case .unknown = all[Int(number)].state else { return }
        all[Int(number)].restored = max(all[Int(number)].restored ?? epoch, epoch)
        all[Int(number)].epoch = all[Int(number)].restored ?? epoch
    }

    // MARK: - Who stands behind whom

    /// A gateway stands behind another one, unless that stands behind it.
    mutating func put(_ number: GatewayNumber, behind above: GatewayNumber) {
        guard number > 0, above > 0, all[Int(number)].above == 0,
            !chain(from: above).contains(number)
        else { return }
        all[Int(number)].above = above
        all[Int(above)].below.append(number)
    }

    mutating func add(_ thing: Thing, to number: GatewayNumber) {
        if number > 0 { all[Int(number)].things.append(thing) }
    }

    mutating func remove(_ thing: Thing, from number: GatewayNumber) {
        guard number > 0, let place = all[Int(number)].things.firstIndex(of: thing) else { return }
        all[Int(number)].things.remove(at: place)
        release(number)
    }

    /// Forgets a gateway that is not there, and that nothing stands behind.
    private mutating func release(_ number: GatewayNumber) {
        let gateway = all[Int(number)]
        guard gateway.things.isEmpty, gateway.below.isEmpty, numbers[gateway.key] == number else {
            return
        }
        switch gateway.state {
        case .there, .going: return
        case .unknown, .gone: break
        }
        numbers[gateway.key] = nil
        all[Int(number)] = Gateway(epoch: 0)
        free.append(number)
        guard gateway.above > 0 else { return }
        all[Int(gateway.above)].below.removeAll { $0 == number }
        release(gateway.above)
    }

    /// The things of a gateway, and of those behind it.
    func things(of number: GatewayNumber) -> [Thing] {
        var things: [Thing] = []
        var gateways = [number]
        var place = 0
        while place < gateways.count {
            let gateway = all[Int(gateways[place])]
            things += gateway.things
            gateways += gateway.below
            place += 1
        }
        return things
    }

    private func chain(from number: GatewayNumber) -> [GatewayNumber] {
        var chain: [GatewayNumber] = []
        var next = number
        while next > 0, chain.count < Self.deepest {
            chain.append(next)
            next = all[Int(next)].above
        }
        return chain
    }

    // MARK: - What holds

    /// How far a gateway is there, with all that it stands behind: the farthest gone counts.
    func standing(of number: GatewayNumber) -> State {
        var result = State.there
        for member in chain(from: number) {
            switch (all[Int(member)].state, result) {
            case (.gone(let departure), _): return .gone(departure)
            case (.going(let departure), .there), (.going(let departure), .unknown):
                result = .going(departure)
            case (.unknown, .there): result = .unknown
            default: break
            }
        }
        return result
    }

    /// Whether all that a thing stands behind has spoken since the last restart of the broker.
    func isBack(_ number: GatewayNumber, _ known: Evidence) -> Bool {
        guard number > 0, case .there = standing(of: number) else { return false }
        return chain(from: number).allSatisfy { all[Int($0)].epoch == known.epoch }
    }

    /// Whether what is found of a gateway may be a copy from before the last restart of the broker.
    func isDoubtful(_ number: GatewayNumber, _ known: Evidence) -> Bool {
        all[Int(number)].epoch < known.epoch
    }

    /// The epoch of the broker in which it spoke last.
    func epoch(of number: GatewayNumber) -> Int64 { all[Int(number)].epoch }

    // MARK: - What it says

    /// Its word was found; returns whether this connection has found the other one before.
    mutating func finds(_ comes: Bool, of number: GatewayNumber, _ known: Evidence) -> Bool {
        let before = all[Int(number)].found
        all[Int(number)].found = (known.connection, comes)
        return before.connection == known.connection && before.comes != comes
    }

    /// It is there, as it was heard or found; returns whether that is news.
    mutating func come(_ number: GatewayNumber, _ known: Evidence, isFound: Bool) -> Bool {
        guard number > 0 else { return false }
        var isNews = isDoubtful(number, known)
        if case .there = all[Int(number)].state {} else { isNews = true }
        all[Int(number)].state = .there
        note(number, known, isFound: isFound)
        return isNews
    }

    /// It goes; returns whether a grace has begun with that.
    mutating func go(
        _ number: GatewayNumber,
        _ departure: Departure,
        _ known: Evidence,
        isFound: Bool
    ) -> Bool {
        guard number > 0 else { return false }
        note(number, known, isFound: isFound)
        switch all[Int(number)].state {
        case .unknown, .there:
            all[Int(number)].state = .going(departure)
            return true
        case .going, .gone: return false
        }
    }

    private mutating func note(_ number: GatewayNumber, _ known: Evidence, isFound: Bool) {
        all[Int(number)].epoch = known.epoch
        all[Int(number)].interrupted = nil
        all[Int(number)].reading = known.full ?? known.lastReading
        if !isFound { all[Int(number)].connection = known.connection }
    }

    /// Ends its grace, if that is over; returns whether it is gone with that.
    mutating func pass(_ number: GatewayNumber, at now: Instant) -> Bool {
        guard case .going(let departure) = all[Int(number)].state, departure.ends <= now.uptime
        else { return false }
        all[Int(number)].state = .gone(departure)
        release(number)
        return true
    }

    /// Whether a grace of it runs.
    func isGoing(_ number: GatewayNumber) -> Bool {
        if case .going = all[Int(number)].state { true } else { false }
    }

    /// Whether it is on its way out by what was found, or by a will, so that a restart of the broker may be
    /// why.
    func mayBeRestart(_ number: GatewayNumber) -> Bool {
        guard case .going(let departure) = all[Int(number)].state else { return false }
        return departure.isFound || departure.cause == .lost
    }

    /// A session of it was born, with a number or without.
    mutating func begin(_ session: Int64?, of number: GatewayNumber) {
        guard number > 0 else { return }
        all[Int(number)].sessionBefore = all[Int(number)].session
        all[Int(number)].session = session
    }

    /// The death of its session has counted: what comes with that number from now on is of another one.
    mutating func endSession(of number: GatewayNumber) {
        guard number > 0 else { return }
        (all[Int(number)].session, all[Int(number)].sessionBefore) = (nil, nil)
    }

    /// Whether a death is that of the session before the last one, whose will came late.
    ///
    /// Libraries count in ways of their own: the will of one has the number before its birth's, the orderly end of
    /// another the one after, and a third one always says 0. So a death that fits no birth at all counts as it
    /// comes.
    func isOfEarlierSession(_ session: Int64?, _ number: GatewayNumber) -> Bool {
        guard let session, session != all[Int(number)].session else { return false }
        return session == all[Int(number)].sessionBefore
    }

    // MARK: - A restart of the broker

    /// The broker has restarted: what has not spoken since has the grace for that.
    mutating func suspectAll(_ known: Evidence) {
        for place in all.indices.dropFirst() {
            let gateway = all[place]
            let wasFound =
                gateway.reading >= known.connectionReading && known.connectionReading > 0
                && known.kept != .older
            if gateway.connection == known.connection {
                // Whatever it has said, it was said since.
                all[place].epoch = known.epoch
            } else if case .going(let departure) = gateway.state,
                departure.cause == .lost || departure.isFound
            {
                all[place].state = .there
                if wasFound { all[place].interrupted = departure }
            } else if wasFound {
                all[place].epoch = known.epoch
            }
        }
    }

    /// The grace is over: returns the gateways that are gone with that.
    ///
    /// Those were on their way out, and have not spoken since. Of others that have not spoken nothing is known.
    mutating func giveUp(_ known: Evidence) -> [GatewayNumber] {
        var gone: [GatewayNumber] = []
        for place in all.indices.dropFirst() where all[place].epoch < known.epoch {
            guard case .there = all[place].state else { continue }
            guard let departure = all[place].interrupted else {
                all[place].state = .unknown
                continue
            }
            all[place].interrupted = nil
            all[place].state = .gone(
                Departure(cause: .restart, came: departure.came, ends: known.now.uptime)
            )
            gone.append(GatewayNumber(place))
        }
        return gone
    }
}
