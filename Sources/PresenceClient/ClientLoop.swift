import Foundation
import Mosquitto
import Synchronization

/// The thread of one client: it runs the client's jobs, and between them waits for the socket.
///
/// libmosquitto is made for one thread, and an actor whose executor is that thread needs no lock
/// around it, and no second thread to wait with.
final class ClientLoop: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isOver = false
    }

    private let state = Mutex(State())
    private let waker: Waker
    private let thread = Mutex<pthread_t?>(nil)

    /// A loop that does not run yet.
    ///
    /// - Throws: ``PresenceError/cannotConnect(_:)`` when the process has no file descriptors left.
    init() throws(PresenceError) {
        do {
            waker = try Waker()
        } catch {
            throw .cannotConnect("\(error)")
        }
    }

    /// Starts the thread, which ends when the client is no more.
    func start(for client: PresenceClient) {
        let thread = Thread { [weak client, self] in
            self.thread.withLock { $0 = pthread_self() }
            while true {
                let (jobs, isOver) = take()
                for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
                if jobs.isEmpty, isOver { return }
                let wait = turn(client)
                waker.wait(
                    for: wait.descriptor,
                    toWrite: wait.isWriting,
                    milliseconds: wait.milliseconds
                )
            }
        }
        thread.name = "presence-client"
        thread.start()
    }

    func stop() {
        state.withLock { $0.isOver = true }
        waker.wake()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        waker.wake()
    }

    func checkIsolated() {
        precondition(isCurrent, "the client's state is used on another thread than its own")
    }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool {
        thread.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    private func take() -> (jobs: [UnownedJob], isOver: Bool) {
        state.withLock { state in
            defer { state.jobs = [] }
            return (state.jobs, state.isOver)
        }
    }

    /// What the thread waits for after a turn.
    struct Wait: Sendable {
        var descriptor: Int32?
        var isWriting = false
        var until = ContinuousClock.now + .seconds(60)

        /// How long that is, a minute at most.
        var milliseconds: Int64 {
            Int64(min(max(0, ((until - .now) / .milliseconds(1)).rounded(.up)), 60_000))
        }
    }

    private func turn(_ client: PresenceClient?) -> Wait {
        client?.assumeIsolated { $0.turn() } ?? Wait()
    }
}
