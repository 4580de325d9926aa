import BrokerFixture

/// Messages that go out at a steady rate, each of which brings one back to a client of its own.
struct Stream {
    /// The clients that messages come back to, one after the other.
    let clients: Range<Int>
    /// Sends the message that comes back to a client.
    let send: (_ client: Int) -> Void

    /// Keeps so many messages on their way at once; returns how many came back in a second.
    func greatestRate(_ count: Int, inFlight: Int, over swarm: Swarm) throws -> Double {
        var sent = 0
        var returned = 0
        func sendNext() {
            guard sent < count else { return }
            send(clients.lowerBound + sent % clients.count)
            sent += 1
        }
        let elapsed = try seconds {
            for _ in 0..<inFlight { sendNext() }
            try swarm.run { _ in
                returned += 1
                sendNext()
            } until: {
                returned >= count
            }
        }
        try swarm.run(until: { swarm.isQuiet })
        return Double(count) / elapsed
    }

    /// Sends at a rate, however long the answers take; returns how many seconds each took.
    func delays(_ count: Int, rate: Double, over swarm: Swarm) throws -> [Double] {
        let begun = ContinuousClock.now
        var sentAt = [ContinuousClock.Instant](repeating: begun, count: clients.count)
        var delays: [Double] = []
        var sent = 0
        try swarm.run(pause: 1) { message in
            let delay = ContinuousClock.now - sentAt[message.client - clients.lowerBound]
            delays.append(delay / .seconds(1))
        } until: {
            let now = ContinuousClock.now
            let due = min(count, Int((now - begun) / .seconds(1) * rate))
            while sent < due {
                let place = sent % clients.count
                sentAt[place] = now
                send(clients.lowerBound + place)
                sent += 1
            }
            return delays.count >= count
        }
        try swarm.run(until: { swarm.isQuiet })
        return delays
    }
}
