import Foundation
import Mosquitto
import Synchronization

/// The thread on which a test's connection lives, and the only place where it is touched.
final class ClientThread: Sendable {
    /// What runs on the thread.
    typealias Command = @Sendable (inout Connection?) -> Void

    /// Somebody who waits for something in the inbox.
    private struct Waiter: Sendable {
        let deadline: ContinuousClock.Instant
        /// Whether that was all: it has been told what it waited for, or that it will not come.
        let isDone: @Sendable (inout Inbox, _ isLate: Bool) -> Bool
    }

    private struct State {
        var inbox = Inbox()
        var commands: [Command] = []
        var waiters: [Waiter] = []
        var isReading = true
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wakeReader: Int32
    private let wakeWriter: Int32

    init() throws {
        var pair: [Int32] = [-1, -1]
        guard pipe(&pair) == 0 else {
            throw FixtureError("no pipe: \(String(cString: strerror(errno)))")
        }
        wakeReader = pair[0]
        wakeWriter = pair[1]
        for descriptor in pair { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    func start() {
        Thread.detachNewThread { self.run() }
    }

    /// Ends the thread; the connection is dropped without a DISCONNECT.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// Runs something on the thread.
    func perform(_ command: @escaping Command) {
        state.withLock { $0.commands.append(command) }
        wake()
    }

    /// Whether the socket is read; a client that does not read is a slow reader to the broker.
    func setReading(_ isReading: Bool) {
        state.withLock { $0.isReading = isReading }
        wake()
    }

    /// Looks at the inbox now.
    func look<Result: Sendable>(_ body: (inout Inbox) -> Result) -> Result {
        state.withLock { body(&$0.inbox) }
    }

    /// Asks after every event, until it is done or late.
    func wait(
        until deadline: ContinuousClock.Instant,
        _ isDone: @escaping @Sendable (inout Inbox, _ isLate: Bool) -> Bool
    ) {
        state.withLock { state in
            state.waiters.append(Waiter(deadline: deadline, isDone: isDone))
        }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 0
        _ = write(wakeWriter, &byte, 1)
    }

    private func run() {
        var connection: Connection?
        var nextTick = ContinuousClock.now
        while true {
            let (commands, isReading, isStopped) = state.withLock { state in
                defer { state.commands = [] }
                return (state.commands, state.isReading, state.isStopped)
            }
            if isStopped { break }
            for command in commands { command(&connection) }
            if isReading { _ = connection?.read() }
            connection?.write()
            if ContinuousClock.now >= nextTick {
                connection?.tick()
                nextTick = ContinuousClock.now + .seconds(1)
            }
            deliver(connection?.takeEvents() ?? [])
            pause(connection, isReading: isReading)
        }
        connection = nil
        deliver([.closed(.byUs)])
        state.withLock { state in
            for waiter in state.waiters { _ = waiter.isDone(&state.inbox, true) }
            state.waiters = []
        }
    }

    private func deliver(_ events: [Event]) {
        let now = ContinuousClock.now
        state.withLock { state in
            for event in events { state.inbox.add(event) }
            var inbox = state.inbox
            state.inbox = Inbox()
            state.waiters.removeAll { $0.isDone(&inbox, now >= $0.deadline) }
            state.inbox = inbox
        }
    }

    /// Waits for the socket, a command, or the next deadline of a waiter.
    private func pause(_ connection: Connection?, isReading: Bool) {
        var descriptors = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
        if let connection, let socket = connection.fileDescriptor {
            let reads = isReading ? Int16(POLLIN) : 0
            let writes = connection.wantsWrite ? Int16(POLLOUT) : 0
            if reads | writes != 0 {
                descriptors.append(pollfd(fd: socket, events: reads | writes, revents: 0))
            }
        }
        let deadline = state.withLock { $0.waiters.map(\.deadline).min() }
        var patience = Duration.milliseconds(500)
        if let deadline { patience = min(patience, deadline - ContinuousClock.now) }
        let milliseconds = max(0, patience / .milliseconds(1)).rounded(.up)
        poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
        var bytes = [UInt8](repeating: 0, count: 64)
        while Foundation.read(wakeReader, &bytes, bytes.count) > 0 {}
    }
}
