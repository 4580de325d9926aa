import Mosquitto

extension SimulatedClient {
    /// Publishes, if it is connected.
    func publish(_ message: Message) {
        guard let transport else { return }
        _ = try? transport.publish(message)
        transport.write()
    }

    // MARK: - Words

    /// States a word, which from now on is its own.
    func state(_ word: String, ttl: Int64? = nil, isRetained: Bool = true) {
        self.word = word
        if let ttl { self.ttl = ttl }
        say(statement(word), isRetained: isRetained)
        renew()
    }

    /// Logs out; by emptying the topic it asks to be forgotten, too.
    func logOut(forgetting: Bool = false) {
        word = nil
        ttl = nil
        say(forgetting ? "" : "offline")
    }

    /// Writes to its device topic.
    func say(_ payload: String, isRetained: Bool = true) {
        say(Array(payload.utf8), isRetained: isRetained)
    }

    /// Writes to its device topic.
    func say(_ payload: [UInt8], isRetained: Bool = true) {
        publish(Message(topic: deviceTopic, payload: payload, qos: 1, retain: isRetained))
    }

    private func statement(_ word: String) -> String {
        let word = word == "invisible" ? hiding : word
        guard session != nil || ttl != nil else { return word }
        var parts = ["\"status\":\"\(word)\""]
        if let ttl { parts.append("\"ttl\":\(ttl)") }
        if let session { parts.append("\"session\":\"\(session)\"") }
        return "{\(parts.joined(separator: ","))}"
    }

    /// Keeps the promise of its ttl.
    private func renew() {
        guard let ttl, isConnected else { return }
        promises += 1
        let promise = promises
        agenda.after(ttl * 400) { [weak self] in
            guard let self, promise == promises, isConnected, let word, self.ttl != nil else {
                return
            }
            say(statement(word))
            renew()
        }
    }

    // MARK: - Requests

    /// Asks, and asks again until there is an answer.
    func ask(_ operation: String, _ payload: String, responseTopic: String? = nil, qos: UInt8 = 1) {
        requests += 1
        let tag = "\(user).\(device).\(requests)"
        var text = payload
        var message = Message(
            topic: "presence/request/\(user)/\(device)/\(operation)",
            payload: "",
            qos: qos
        )
        if isOld || requests % 3 == 0 {
            // A member more at the front of what begins with a brace.
            if text.hasPrefix("{}") {
                text = "{\"id\":\"\(tag)\"}"
            } else if text.hasPrefix("{") {
                text = "{\"id\":\"\(tag)\"," + text.dropFirst()
            }
        }
        if !isOld {
            message.properties.correlationData = Array(tag.utf8)
            message.properties.responseTopic = responseTopic
        }
        message.payload = Array(text.utf8)
        if open.count < 8 { open.append((tag, message)) }
        publish(message)
        askAgain(tag)
    }

    private func askAgain(_ tag: String) {
        agenda.after(5_000) { [weak self] in
            guard let self, let found = open.first(where: { $0.tag == tag }) else { return }
            publish(found.message)
            askAgain(tag)
        }
    }
}

extension SimulatedClient {
    /// Leaves for good: comes back once if it is away, gives up its subscriptions and its words, and
    /// logs out.
    func retire() {
        if !isConnected { connect() }
        agenda.after(8_000) { [weak self] in
            guard let self else { return }
            open.removeAll()
            ask("unsubscribe", "{\"all\":true}")
            ask("publish", "{\"description\":\"\"}")
            logOut()
        }
        agenda.after(30_000) { [weak self] in
            guard let self else { return }
            if word != nil { logOut() }
            disconnect()
        }
    }
}
