import Mosquitto
import Presence

extension Device {
    /// Takes a message that came.
    func hear(_ message: Message, at now: ContinuousClock.Instant) {
        // The empty ones are topics that were cleared.
        guard !message.payload.isEmpty else { return }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: message.payload)
        } catch {
            ledger.tally.complain("\(message.topic): \(message.text) is no JSON: \(error)")
            return
        }
        if message.topic.hasPrefix(options.responseTopic) {
            hearAnswer(value, at: now)
        } else if message.topic == "presence/event/\(options.user)" {
            hearEvents(value)
        } else if message.topic.hasPrefix("presence/bridge/") {
            let name = message.topic.split(separator: "/").last.map(String.init) ?? ""
            hear(value, of: name, at: now)
        }
    }

    private func hearEvents(_ value: JSONValue) {
        guard let events = value.array, !events.isEmpty else {
            ledger.tally.complain("an event to \(options.user) is no batch: \(value)")
            return
        }
        for event in events {
            if let end = event.object?["subscription"]?.string {
                guard end == "expired", let name = event.object?["username"]?.string else {
                    ledger.tally.complain("\(options.user) was told of an end: \(event)")
                    continue
                }
                view.expired(name)
                continue
            }
            guard let status = SeenStatus(event) else {
                ledger.tally.complain("an event to \(options.user) is no status: \(event)")
                continue
            }
            ledger.tally.events += 1
            onStatus?(status)
            if let before = view.told(status) {
                ledger.tally.complain(
                    "\(options.user) saw \(status.username) go back from seq \(before) to "
                        + "\(status.seq)"
                )
            }
        }
    }

    private func hearAnswer(_ value: JSONValue, at now: ContinuousClock.Instant) {
        let answer = value.object
        if answer?["operation"]?.string == "announce" {
            ledger.tally.announcements += 1
            speak()
            return
        }
        if answer?["operation"]?.string == "device" {
            ledger.tally.complain("\(options.user)/\(options.device) was told: \(value)")
            return
        }
        // An answer to what was asked again, and is answered already, tells nothing new.
        guard let id = answer?["id"]?.integer, let question = questions.first,
            question.id == id
        else { return }
        let code = answer?["error"]?.object?["code"]?.string
        switch code {
        case "unavailable", "rate_limited":
            ledger.tally.refusals += 1
            questions[0].due = now + .milliseconds(code == "unavailable" ? 300 : 1_000)
            return
        case nil: ledger.tally.answers += 1
        default:
            if !question.mayFail {
                ledger.tally.complain("\(options.user) asked \(question.operation): \(value)")
            }
        }
        questions.removeFirst()
        question.answered(answer?["result"] ?? .null)
        sendNext()
    }
}
