import Logging
import Mosquitto
import PresenceCore

/// Carries out on a transport, and tells the core, what ``LinkMachine`` decides; and tells that what has
/// happened.
final class Link {
    /// Where the lines of the machine go.
    var log: Logger
    private(set) var transport: (any Transport)?
    /// The connection beside, while there is one.
    private(set) var side: (any Transport)?

    private var machine: Sole<LinkMachine>
    private let dial: Dial
    private var inputs: [Input] = []
    /// Room for orders, which is used again: each message that comes leads to one.
    private var room: [LinkOrder] = []

    init(_ machine: LinkMachine, dial: @escaping Dial, log: Logger) {
        self.machine = Sole(machine)
        self.dial = dial
        self.log = log
    }

    var isConnected: Bool { machine.ask { $0.isConnected } }
    /// Whether another bridge serves the prefix, and this one waits.
    var standsBy: Bool { machine.ask { $0.standsBy } }
    var nextStep: Int64 { machine.ask { $0.nextStep } }
    /// How many publishes wait for the broker, how many of them are answers, and how many are on their way.
    var queues: QueueLengths { machine.ask { $0.queues } }
    var canPump: Bool { machine.value.canPump(state) }
    var hasLeft: Bool {
        let state = state
        return machine.ask { $0.hasLeft(state) }
    }

    private var state: TransportState {
        guard let transport else { return TransportState() }
        return TransportState(
            isConnected: transport.isConnected,
            wantsWrite: transport.wantsWrite,
            unacknowledged: transport.unacknowledged
        )
    }

    func takeInputs() -> [Input] {
        var taken: [Input] = []
        swap(&taken, &inputs)
        return taken
    }

    func change(_ settings: Settings) { machine.value.change(settings) }

    // MARK: - A turn

    /// Reads what has come, a bounded part of it; returns whether there may be more.
    func receive(at now: Instant) -> Bool {
        guard let transport else { return false }
        var isMore = transport.read(limit: machine.ask { $0.readLimit })
        for event in transport.takeEvents() {
            // One that was given up meanwhile has no more to say.
            guard self.transport === transport else { break }
            handle(.happened(event), at: now)
        }
        guard let side else { return isMore }
        if side.read(limit: LinkBounds.packetsPerTurn) { isMore = true }
        for event in side.takeEvents() {
            guard self.side === side else { break }
            handle(.side(.happened(event)), at: now)
        }
        return isMore
    }

    /// - Parameter isConfirmed: whether a store that bridges share has said lately that it is this one's.
    func step(isConfirmed: Bool = true, at now: Instant) {
        if machine.ask({ $0.isConfirmed }) != isConfirmed {
            machine.value.isConfirmed = isConfirmed
        }
        machine.value.step(at: now)
        carryOut(at: now)
        machine.value.reportLoad()
        carryOut(at: now)
    }

    func handle(_ input: LinkInput, at now: Instant) {
        machine.value.handle(input, at: now)
        carryOut(at: now)
    }

    /// Connects anew, to ask who serves.
    func askAnew(at now: Instant) {
        machine.value.askAnew(at: now)
        carryOut(at: now)
    }

    /// Prepares the end: what was decided goes out until a time, in milliseconds of uptime.
    func leave(by uptime: Int64) { machine.value.leave(by: uptime) }

    /// Publishes what waits, ends if that is due, and hands the network what it takes.
    func write(at now: Instant) {
        machine.value.pump()
        carryOut(at: now)
        machine.value.leaveIfDone(state, at: now)
        carryOut(at: now)
        transport?.write()
        side?.write()
    }

    // MARK: - Orders

    private func carryOut(at now: Instant) {
        while machine.ask({ $0.hasOrders }) {
            var orders: [LinkOrder] = []
            swap(&orders, &room)
            machine.value.takeOrders(into: &orders)
            for order in orders { carryOut(order, at: now) }
            orders.removeAll(keepingCapacity: orders.count < 64)
            room = orders
        }
    }

    private func carryOut(_ order: LinkOrder, at now: Instant) {
        switch order {
        case .call(let options): call(options, at: now)
        case .hangUp: transport = nil
        case .keepAlive: transport?.tick()
        case .disconnect(let reason): transport?.disconnect(reason: reason)
        case .tell(let input): inputs.append(input)
        case .log(let level, let line): log.log(level: level, "\(line)")
        case .send(let packet):
            guard let transport else { break }
            machine.value.handle(transport.send(packet), at: now)
        case .side(let order): carryOutBeside(order, at: now)
        }
    }

    private func call(_ options: ConnectionOptions, at now: Instant) {
        do throws(MosquittoError) {
            let transport = try dial(options)
            self.transport = transport
            try transport.connect()
        } catch {
            machine.value.handle(.notCalled(error), at: now)
        }
    }

    private func carryOutBeside(_ order: LinkOrder, at now: Instant) {
        switch order {
        case .call(let options):
            do throws(MosquittoError) {
                let side = try dial(options)
                self.side = side
                try side.connect()
            } catch {
                machine.value.handle(.side(.notCalled(error)), at: now)
            }
        case .hangUp: side = nil
        case .keepAlive: side?.tick()
        case .disconnect(let reason): side?.disconnect(reason: reason)
        case .send(let packet):
            guard let side else { break }
            machine.value.handle(.side(side.send(packet)), at: now)
        case .tell, .log, .side: carryOut(order, at: now)
        }
    }
}

extension Transport {
    /// Queues a packet; says whether it was taken.
    fileprivate func send(_ packet: LinkPacket) -> LinkInput {
        do throws(MosquittoError) {
            let identifier =
                switch packet {
                case .publish(let message), .publishAhead(let message): try publish(message)
                case .subscribe(let subscription):
                    try subscribe(
                        subscription.filters,
                        options: subscription.options,
                        identifier: subscription.identifier
                    )
                case .unsubscribe(let filters): try unsubscribe(filters)
                }
            return .sent(packet, as: identifier)
        } catch {
            return .notSent(packet, error)
        }
    }
}
