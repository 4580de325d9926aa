import Dispatch
import Glibc
import Logging
import PresenceCore
import ServiceNotification

/// Tells the service manager how the bridge stands, if there is a manager.
final class Notices {
    /// Time until the manager is told again what its socket has refused, in milliseconds.
    private static let retryPause: Int64 = 1_000

    private var supervision: Supervision
    private var manager: NotificationSocket?
    /// When the manager is told what its socket has refused, in milliseconds of uptime.
    private var retry: Int64?
    private let log: Logger

    /// - Parameter environment: the process's, in which a service manager says what it wants to be told.
    init(environment: [String: String], log: Logger) {
        self.log = log
        supervision = Supervision(environment: environment, process: getpid())
        do throws(NotificationError) {
            manager = try environment["NOTIFY_SOCKET"].map { path throws(NotificationError) in
                try NotificationSocket(path: path)
            }
        } catch {
            log.warning("\(error)")
        }
    }

    func tell(_ standing: Standing, at now: Instant) {
        guard let manager, retry.map({ now.uptime >= $0 }) ?? true else { return }
        var told = supervision
        let lines = told.lines(standing, at: now.uptime)
        guard !lines.isEmpty else { return }
        do throws(NotificationError) {
            try manager.send(lines)
            supervision = told
            retry = nil
        } catch {
            // What the manager's socket has refused is told again.
            retry = now.uptime + Self.retryPause
            log.debug("\(error)")
        }
    }

    /// Does something that may take minutes, as reading a store, and gives signs of life meanwhile.
    func whileBusy<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let manager, supervision.hasBegun, let interval = supervision.interval else {
            return try body()
        }
        let timer = DispatchSource.makeTimerSource(queue: .global())
        let pause = DispatchTimeInterval.milliseconds(Int(clamping: interval))
        timer.schedule(deadline: .now(), repeating: pause)
        timer.setEventHandler { try? manager.send(["WATCHDOG=1"]) }
        timer.resume()
        defer { timer.cancel() }
        return try body()
    }

    /// How long until the manager must hear of the bridge, in milliseconds.
    func pause(at now: Instant) -> Int64 {
        guard manager != nil, let next = retry ?? supervision.nextStep else { return .max }
        return max(0, next - now.uptime)
    }
}
