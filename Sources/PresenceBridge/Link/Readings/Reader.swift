import Logging
import Mosquitto
import Presence
import PresenceAdoption
import PresenceCore

/// Reads what is retained over one connection, tells the core what has come and when a reading has ended,
/// and finds out whether the broker limits what a reading brings.
struct Reader {
    /// What has become of the readings.
    enum Progress: Equatable {
        case goesOn
        /// The retained device topics do not come.
        case stalled
    }

    /// What comes back when the additions are with the broker.
    private static let added = "added"
    /// What comes back behind the second reading.
    private static let counted = "counted"

    private let topics: Topics
    private let own: String
    private var probes: ProbeTopics
    /// What is subscribed to of topics that were adopted.
    private let adopted: [TopicFilter]
    /// The topics among those that have a subscription of their own, each with its quality of service.
    private let single: [ExactText: UInt8]
    /// The topics that were learned, each with the quality of service that is asked for.
    private var learned: [ExactText: UInt8] = [:]
    /// Whether the reading at the connection was ordered.
    private var hasBegun = false
    private var version = ProtocolVersion.v5
    /// Whether the broker says by which subscription a message comes.
    private var hasIdentifiers = true
    /// The readings whose marker has not come yet.
    private var readings: [ReadingID: Reading] = [:]
    /// When something came last that may be part of any of them, in milliseconds of uptime.
    private var progressed: Int64 = 0
    private var limitCheck = LimitCheck()
    /// Whether the broker is known to keep what each reading asks for last.
    private var keepsLast = false

    init(
        _ topics: Topics,
        _ own: String,
        _ probes: ProbeTopics,
        adopting plan: AdoptionPlan
    ) {
        self.topics = topics
        self.own = own
        self.probes = probes
        adopted = plan.filters
        let topics = plan.filters.filter { !$0.text.utf8.contains { "+#".utf8.contains($0) } }
        single = Dictionary(
            topics.map { (ExactText($0.text), $0.qos) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    mutating func begin(_ greeting: Greeting) {
        probes = greeting.probes
        version = greeting.version
        hasIdentifiers = greeting.hasIdentifiers
        limitCheck = LimitCheck()
        keepsLast = false
    }

    mutating func end() {
        readings.removeAll()
        learned = [:]
        hasBegun = false
    }

    /// Whether everything about devices is being read.
    var isReadingAll: Bool { readings.values.contains(where: \.isFull) }

    /// Whether the reading at the connection is under way.
    var isConnecting: Bool { readings.values.contains { $0.scope == .connection } }

    /// When the next marker is to be sent, in milliseconds of uptime.
    var nextMark: Int64? { readings.values.map(\.nextMark).min() }

    /// Something came that may be part of any reading.
    mutating func progress(at uptime: Int64) { progressed = uptime }

    // MARK: - Asking

    /// Reads retained topics: subscribes, and sends a marker behind.
    ///
    /// Everything about devices is read with QoS 0, live and retained, so that it comes in one
    /// order, and so does the marker.
    mutating func read(
        _ id: ReadingID,
        _ scope: ReadingScope,
        at uptime: Int64,
        _ out: inout Sender
    ) {
        // At a connection the broker is not known yet to keep what is asked for last.
        let last = scope == .connection || keepsLast ? probes.last : nil
        var reading = Reading(id, scope, topics, last: last, at: uptime) { [single, learned] in
            single[ExactText($0)] != nil || learned[ExactText($0)] != nil
        }
        hasBegun = true
        if reading.isFull { limitCheck.beginReading() }
        if scope == .connection {
            // Later it is not written again, so that only a reading brings it.
            out.publishAhead(Message(topic: probes.last, payload: "1", retain: true))
        }
        let lasting = reading.lasting.map { topic in
            let name = ExactText(topic)
            return TopicFilter(topic, qos: learned[name] ?? single[name] ?? 0)
        }
        let all = reading.isFull ? adopted + learnedFilters : lasting
        let subscriptions = reading.takeSubscriptions(topics, own, all)
        for subscription in subscriptions { out.subscribe(subscription) }
        sendMarker(of: reading, at: uptime, &out)
    }

    /// Sends a marker of a reading behind its subscription.
    ///
    /// It goes past what waits to be published: where the broker drops acknowledgements, that may
    /// wait for long.
    private mutating func sendMarker(of reading: Reading, at uptime: Int64, _ out: inout Sender) {
        var reading = reading
        let text = reading.mark(at: uptime)
        readings[reading.id] = reading
        out.publishAhead(Message(topic: probes.marker, payload: text))
    }

    /// Sends another marker of each reading whose last one may be lost.
    mutating func markAgain(at uptime: Int64, _ out: inout Sender) {
        let unmarked = readings.values.filter { uptime >= $0.nextMark }
        for reading in unmarked.sorted(by: { $0.id < $1.id }) {
            sendMarker(of: reading, at: uptime, &out)
        }
    }

    /// Reads again what has lost its marker, and with it perhaps more.
    mutating func check(at uptime: Int64, _ out: inout Sender) -> Progress {
        let late = readings.values.filter { $0.isOverdue(progressed, at: uptime) }
        guard var overdue = late.min(by: { $0.id < $1.id }) else { return .goesOn }
        guard overdue.scope == .connection else {
            read(overdue.id, overdue.scope, at: uptime, &out)
            return .goesOn
        }
        if overdue.hasStalled(progressed, at: uptime) { return .stalled }
        // What is missing at a connection is asked for alone in any case.
        overdue.askAgain(at: uptime)
        sendMarker(of: overdue, at: uptime, &out)
        return .goesOn
    }

    // MARK: - What comes

    /// Takes a statement.
    ///
    /// - Parameter isOwnClear: Whether it is the echo of a topic that the bridge has emptied.
    mutating func take(
        _ message: Message,
        _ user: Name,
        _ device: Name,
        isOwnClear: Bool,
        _ out: inout Sender
    ) {
        guard let (reading, isLasting) = origin(of: message) else { return }
        if isLasting { count(message) }
        var report = Report(
            user: user,
            device: device,
            payload: message.payload,
            reading: reading?.id
        )
        report.by = message.properties.userProperties.last { $0.name == "by" }?.value
        // A full reading has not brought it.
        if case .devices? = reading?.scope, message.retain, !message.payload.isEmpty,
            limitCheck.findMissing()
        {
            lookForLimit(&out)
        }
        report.isRetained = message.retain ? true : version == .v5 ? false : nil
        if isOwnClear, report.by == nil { report.by = own }
        out.tell(.deviceReported(report))
    }

    /// Whether a filter is one of those that were adopted, or learned.
    func adopts(_ filter: String) -> Bool {
        learned[ExactText(filter)] != nil || adopted.contains { $0.text == filter }
    }

    /// Listens to topics that were learned.
    ///
    /// Before the reading at the connection they are noted, and come with that: what the broker has kept of the
    /// bridge is read first.
    mutating func listen(to filters: [TopicFilter], _ out: inout Sender) {
        for filter in filters { learned[ExactText(filter.text)] = filter.qos }
        guard hasBegun else { return }
        for subscription in Subscription.adopting(filters) { out.subscribe(subscription) }
    }

    mutating func stopListening(to topics: [String], _ out: inout Sender) {
        for topic in topics { learned[ExactText(topic)] = nil }
        out.unsubscribe(topics)
    }

    private var learnedFilters: [TopicFilter] {
        learned.map { TopicFilter($0.key.text, qos: $0.value) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// Takes a message on a topic that is not the protocol's.
    func takeOther(_ message: Message, _ out: inout Sender) {
        if message.retain,
            let reading = readings.values.first(where: { $0.asksForDiscoveryMessage(message.topic) }
            ),
            !hasIdentifiers
                || message.properties.subscriptionIdentifiers.contains(reading.identifier)
        {
            out.tell(.discoveryMessageFound(topic: message.topic, payload: message.payload))
            if hasIdentifiers { return }
        }
        takeAdopted(message, &out)
    }

    /// Takes a message on a topic that was adopted.
    private func takeAdopted(_ message: Message, _ out: inout Sender) {
        guard !adopted.isEmpty || !learned.isEmpty,
            let (reading, _) = origin(of: message, by: .adopted)
        else { return }
        let heard = AdoptedMessage(
            topic: message.topic,
            payload: message.payload,
            isFound: message.retain,
            reading: reading?.id
        )
        out.tell(.adoptedHeard(heard))
    }

    /// Which reading has found a message, and whether it has come by the lasting subscription, too;
    /// `nil` for one that a reading's own subscription repeats while it comes live.
    private func origin(
        of message: Message,
        by lasting: Subscription.Lasting = .device
    ) -> (reading: Reading?, isLasting: Bool)? {
        guard hasIdentifiers else {
            // It is held to be of the newest reading of single topics.
            let partial = readings.values.filter {
                !$0.filters.isEmpty && $0.isOfAdopted == (lasting == .adopted)
                    && !$0.isOfDiscoveryMessages
            }
            return (message.retain ? partial.max { $0.id < $1.id } : nil, true)
        }
        let identifiers = message.properties.subscriptionIdentifiers
        let reading = identifiers.first.flatMap { first in
            readings.values.first { $0.identifier == first }
        }
        let isLasting = identifiers.isEmpty || identifiers.contains(lasting.rawValue)
        guard isLasting || (reading != nil && message.retain) else { return nil }
        return (reading, isLasting)
    }

    /// Counts what came by the wildcard of all devices.
    mutating func count(_ message: Message) {
        limitCheck.hear(isRetained: message.retain, isEmpty: message.payload.isEmpty)
    }

    /// Takes what each SUBSCRIBE of a reading asks for last.
    mutating func takeLast(_ message: Message) {
        // Somebody has cleared it: from now on its absence says nothing.
        guard !message.payload.isEmpty else {
            keepsLast = false
            return
        }
        let identifiers = message.properties.subscriptionIdentifiers
        let isLasting = identifiers.contains(Subscription.Lasting.device.rawValue)
        if identifiers.contains(Subscription.Lasting.adopted.rawValue), message.retain {
            // They come in the order in which they were asked for.
            let oldest = readings.values.filter(\.lacksAdopted).min { $0.id < $1.id }
            if let oldest {
                readings[oldest.id]?.takeLastOfAdopted()
                return
            }
        }
        let asking = readings.values.filter {
            $0.isFull ? isLasting : identifiers.contains($0.identifier)
        }
        guard isLasting || !asking.isEmpty else {
            // By another subscription: the broker keeps it, and lets the bridge read it.
            keepsLast = hasIdentifiers
            return
        }
        guard message.retain else { return }
        for reading in asking { readings[reading.id]?.takeLast() }
    }

    /// Takes a marker; returns what was read if it has ended a reading, and whether the broker has dropped
    /// some of it.
    ///
    /// - Parameter expectsLast: Whether the broker writes at one go what one SUBSCRIBE finds, as mosquitto
    ///   does: then a reading that lacks what a SUBSCRIBE for it asked for last was cut.
    mutating func takeMarker(
        _ message: Message,
        expectsLast: Bool,
        _ out: inout Sender
    ) -> (scope: ReadingScope, isCut: Bool)? {
        if takeLimitMarker(message, &out) { return nil }
        guard let (id, hasLostMarker) = Reading.parse(message.text),
            let reading = readings.removeValue(forKey: id)
        else { return nil }
        let lacksLast = expectsLast && keepsLast && reading.isLacking
        let isCut = hasLostMarker || lacksLast
        // What the broker has dropped was read in vain, and is read again.
        if reading.isFull {
            if limitCheck.isAdding {
                endLookingForLimit(isCut: isCut, &out)
            } else if !isCut, limitCheck.endReading() {
                lookForLimit(&out)
            }
        }
        // One that was learned meanwhile is listened to from then on.
        let ended = reading.filters.filter { learned[ExactText($0)] == nil }
        if !ended.isEmpty { out.unsubscribe(ended) }
        if reading.scope == .connection { out.unsubscribe([topics.everyStatus]) }
        if isCut { out.tell(.readingCut(id)) }
        out.tell(.readingEnded(id))
        return (reading.scope, isCut)
    }

    // MARK: - Looking for a limit

    /// Retains the additions.
    ///
    /// They go with QoS 0, as all that is read does, so that what follows comes back behind them.
    private func lookForLimit(_ out: inout Sender) {
        for topic in probes.additions {
            out.publish(Message(topic: topic, payload: "1", retain: true))
        }
        out.publish(Message(topic: probes.marker, payload: Self.added))
    }

    private mutating func takeLimitMarker(_ message: Message, _ out: inout Sender) -> Bool {
        switch message.text {
        case Self.added:
            // Without a reading that has begun meanwhile, one begins now.
            if limitCheck.count(), !isReadingAll {
                out.subscribe([topics.everyDevice], .device)
                out.publish(Message(topic: probes.marker, payload: Self.counted))
            }
        case Self.counted: endLookingForLimit(isCut: false, &out)
        default: return false
        }
        return true
    }

    /// Everything was read again.
    ///
    /// - Parameter isCut: Whether the broker has dropped something of it.
    private mutating func endLookingForLimit(isCut: Bool, _ out: inout Sender) {
        guard limitCheck.isAdding else { return }
        if let limit = limitCheck.end(), !isCut {
            out.logOnce(.error, LimitCheck.complaint(of: limit))
            out.tell(.readingsLimited)
        }
        for topic in probes.additions {
            out.publish(Message(topic: topic, payload: "", retain: true))
        }
    }

    /// Takes one of the additions, if it is that: it counts like a device.
    ///
    /// What was left of another try is cleared.
    mutating func takeAddition(_ message: Message, _ out: inout Sender) {
        guard !message.payload.isEmpty else { return }
        if limitCheck.isAdding {
            count(message)
        } else if message.retain {
            out.publish(Message(topic: message.topic, payload: "", retain: true))
        }
    }
}
