import Mosquitto

/// One who takes part in a crowd: a client with a connection, or somebody who tells others what to
/// do and has none.
public protocol Member: AnyObject {
    /// Its connection, if there is one.
    var connection: Connection? { get }

    /// Does what is due; called every few milliseconds.
    func wake(at now: ContinuousClock.Instant)

    /// Learns what happened on its connection.
    func take(_ event: Event, at now: ContinuousClock.Instant)
}

/// Those who make up a crowd, and the loop that serves their sockets.
///
/// It lives on the thread of the crowd.
public final class Members {
    private struct Seat {
        let member: any Member
        /// The socket that is waited for, and whose it is: the next connection may have its number.
        var socket: Int32?
        weak var connection: Connection?
        var ticked: ContinuousClock.Instant
    }

    /// How often each one is woken.
    private static let pause = Duration.milliseconds(20)

    private let poller = Poller()
    private var seats: [Int: Seat] = [:]
    private var numbers: [ObjectIdentifier: Int] = [:]
    private var lastNumber = 0
    private var swept = ContinuousClock.now
    private var touched: Set<Int> = []

    /// How many there are.
    public var count: Int { seats.count }

    /// Takes somebody in.
    public func add(_ member: any Member) {
        lastNumber += 1
        seats[lastNumber] = Seat(member: member, socket: nil, ticked: .now)
        numbers[ObjectIdentifier(member)] = lastNumber
    }

    /// Lets somebody go; its connection is its own to end.
    public func remove(_ member: any Member) {
        guard let number = numbers.removeValue(forKey: ObjectIdentifier(member)),
            let seat = seats.removeValue(forKey: number)
        else { return }
        if let socket = seat.socket { poller.forget(socket, token: number) }
    }

    /// Says that a member has something to send, or another connection: it is served at the end of
    /// this turn instead of with the next wake.
    public func touch(_ member: any Member) {
        if let number = numbers[ObjectIdentifier(member)] { touched.insert(number) }
    }

    func removeAll() {
        seats = [:]
        numbers = [:]
    }

    /// Waits for sockets, serves them, and wakes everybody when it is time.
    func turn(milliseconds: Int32) {
        let ready = poller.wait(milliseconds: touched.isEmpty ? milliseconds : 0)
        let now = ContinuousClock.now
        for number in ready { serve(number, at: now, reads: true) }
        if now - swept >= Self.pause {
            swept = now
            for number in Array(seats.keys) {
                seats[number]?.member.wake(at: now)
                serve(number, at: now, reads: false)
            }
        }
        let rest = touched
        touched = []
        for number in rest { serve(number, at: now, reads: false) }
    }

    private func serve(_ number: Int, at now: ContinuousClock.Instant, reads: Bool) {
        guard let seat = seats[number] else { return }
        let member = seat.member
        if let connection = member.connection {
            if reads, connection.read(limit: 512) { touched.insert(number) }
            if connection.wantsWrite { connection.write() }
            if now - seat.ticked >= .seconds(1) {
                seats[number]?.ticked = now
                connection.tick()
            }
            for event in connection.takeEvents() { member.take(event, at: now) }
        }
        watch(number, member.connection)
    }

    /// Waits for the socket that the member has now.
    private func watch(_ number: Int, _ connection: Connection?) {
        guard let seat = seats[number] else { return }
        let isSame = seat.connection === connection && seat.socket == connection?.fileDescriptor
        if let old = seat.socket, connection == nil || !isSame {
            poller.forget(old, token: number)
            seats[number]?.socket = nil
        }
        guard let connection, let socket = connection.fileDescriptor else { return }
        if connection.wantsWrite { connection.write() }
        poller.watch(socket, token: number, writes: connection.wantsWrite)
        seats[number]?.socket = socket
        seats[number]?.connection = connection
    }
}
