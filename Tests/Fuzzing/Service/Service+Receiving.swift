import Presence
import PresenceCore

extension Service {
    /// A message reaches the broker, and the bridge if it is connected.
    mutating func receive(_ arrival: Arrival) {
        let meaning = topics.meaning(of: arrival.topic)
        if arrival.isRetained, meaning != nil {
            retained[arrival.topic] = arrival.payload.isEmpty ? nil : arrival.payload
        }
        guard isConnected else { return }
        settle()
        switch meaning {
        case .device(let user, let device): receive(arrival, user, device)
        case .request(let user, let device, let operation):
            receive(
                RequestMessage(
                    user: user,
                    device: device,
                    operation: operation,
                    payload: arrival.payload,
                    qos: arrival.qos,
                    isRetained: arrival.isRetained,
                    topic: arrival.topic,
                    responseTopic: arrival.responseTopic.isEmpty ? nil : arrival.responseTopic,
                    correlationData: [UInt8](number: now.uptime)
                )
            )
        case .misnamed where arrival.isRetained && !arrival.payload.isEmpty:
            turn([.misnamedFound(topic: arrival.topic)])
        case .misnamed, .status, nil: break
        }
    }

    private mutating func receive(_ request: RequestMessage) {
        let before = core
        let effects = turn([.requestReceived(request)])
        guard isServing else { return }
        let rules = AnswerRules(topics, request, effects)
        let wasRefused = refused[request.user].map { now.uptime - $0 < 1_000 } ?? false
        complaints += rules.broken(mayBeDropped: wasRefused)
        guard let code = rules.errorCode else { return }
        if code == .rateLimited { refused[request.user] = now.uptime }
        complaints += rules.changes(from: before.metrics, to: core.metrics)
        var (old, new) = (View(), View())
        for name in Set([request.user, Name(checked: "alice"), Name(checked: "bob")]) {
            old.lookClosely(at: name, in: before, at: now)
            new.lookClosely(at: name, in: core, at: now)
        }
        if !old.agrees(with: new) {
            complaints.append("a request that was answered \(code.rawValue) changed something")
        }
    }

    private mutating func receive(_ arrival: Arrival, _ user: Name, _ device: Name) {
        let report = Report(
            user: user,
            device: device,
            payload: arrival.payload,
            isRetained: arrival.isRetained,
            by: arrival.by.isEmpty ? nil : arrival.by
        )
        let effects = turn([.deviceReported(report)])
        // Where a reading is under way, or the user speaks too much, it may count later.
        guard isServing, readings.isEmpty, isPatient else { return }
        let rules = StatementRules(topics, report, effects, limits, bridgeID: Self.bridgeID)
        var view = View()
        view.look(at: user, in: core, at: now)
        complaints += rules.broken(words: view.words(of: user))
    }
}
