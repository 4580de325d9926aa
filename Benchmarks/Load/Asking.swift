/// Requests that are kept on their way: each answer makes room for the next.
struct Asking {
    /// The clients that ask.
    let clients: [Int]
    /// How many requests of each are on their way at once.
    let depth: Int

    /// Asks so many times, and returns how many were answered in a second.
    ///
    /// - Parameter request: what a client asks for the n-th time: topic and payload.
    func rate(
        _ count: Int,
        over swarm: Swarm,
        qos: UInt8,
        _ request: (_ client: Int, _ number: Int) -> (topic: String, payload: [UInt8])
    ) throws -> Double {
        var asked = 0
        var answered = 0
        func ask(_ client: Int) {
            guard asked < count else { return }
            let (topic, payload) = request(client, asked)
            swarm.publish(client, topic, payload, qos: qos)
            asked += 1
        }
        let elapsed = try seconds {
            for client in clients { for _ in 0..<depth { ask(client) } }
            try swarm.run { message in
                answered += 1
                ask(message.client)
            } until: {
                answered >= count
            }
            // Acknowledgements that are still to come are not the next round's.
            try swarm.run(until: { swarm.isQuiet })
        }
        return Double(count) / elapsed
    }
}
