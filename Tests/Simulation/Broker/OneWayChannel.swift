import DequeModule
import PresenceCore

/// One direction of a connection: what is sent arrives later, and in order.
final class OneWayChannel<Packet> {
    private let agenda: Agenda
    private let latency: () -> Int64
    private var inAir: Deque<(arrival: Int64, packet: Packet)> = []
    private var isPlanned = false

    /// Called with each packet that arrives.
    var onArrival: ((Packet) -> Void)?
    /// Called when all that arrives at one time is there.
    var onPause: (() -> Void)?
    /// Whether nothing arrives, for as long as this is so.
    var isHeld = false {
        didSet { plan() }
    }

    init(_ agenda: Agenda, latency: @escaping () -> Int64) {
        self.agenda = agenda
        self.latency = latency
    }

    /// How many packets are on their way.
    var count: Int { inAir.count }

    func send(_ packet: Packet) {
        // What is overtaken by nothing holds up what comes behind it.
        inAir.append((agenda.now.uptime + latency(), packet))
        plan()
    }

    /// Loses what was sent last.
    func lose(_ count: Int) {
        inAir.removeLast(min(count, inAir.count))
    }

    private func plan() {
        guard !isPlanned, !isHeld, let next = inAir.first else { return }
        isPlanned = true
        agenda.after(next.arrival - agenda.now.uptime) { [weak self] in self?.deliver() }
    }

    private func deliver() {
        isPlanned = false
        var isNew = false
        while !isHeld, let next = inAir.first, next.arrival <= agenda.now.uptime {
            inAir.removeFirst()
            isNew = true
            onArrival?(next.packet)
        }
        plan()
        if isNew { onPause?() }
    }
}
