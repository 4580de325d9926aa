import BrokerFixture

/// Requests that are kept on their way: each answer makes room for the next.
struct RequestLoad {
    /// The clients that ask.
    let clients: [Int]
    /// How many requests of each are on their way at once.
    let depth: Int

    /// Lets each client ask so many times, and returns how many were answered in a second.
    ///
    /// - Parameter request: what a client asks for the n-th time: topic and payload.
    func rate(
        each count: Int,
        over swarm: Swarm,
        qos: UInt8,
        _ request: (_ client: Int, _ number: Int) -> (topic: String, payload: [UInt8])
    ) throws -> Double {
        var asked: [Int: Int] = [:]
        var answered = 0
        let all = count * clients.count
        var refusal: String?
        func ask(_ client: Int) {
            let number = asked[client, default: 0]
            guard number < count else { return }
            let (topic, payload) = request(client, number)
            swarm.publish(client, topic, payload, qos: qos)
            asked[client] = number + 1
        }
        let elapsed = try seconds {
            for client in clients { for _ in 0..<depth { ask(client) } }
            try swarm.run { message in
                answered += 1
                if message.isRefusal { refusal = message.text }
                ask(message.client)
            } until: {
                answered >= all || refusal != nil
            }
            if let refusal { throw FixtureError("a request was refused: \(refusal)") }
            // Acknowledgements that are still to come are not the next round's.
            try swarm.run(until: { swarm.isQuiet })
        }
        return Double(all) / elapsed
    }
}
