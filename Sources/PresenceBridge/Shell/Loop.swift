import Dispatch
import Glibc
import Logging
import Mosquitto
import MosquittoSocketBuffer
import PresenceCore
import PresenceStore
import ServiceNotification

/// The bridge in real time: waits for the socket, the clock and orders, and turns the shell.
final class Loop {
    /// Time until the service manager is told again what its socket has refused, in milliseconds.
    private static let retryPause: Int64 = 1_000

    private let shell: Shell
    private let mailbox: Mailbox
    private let log: Logger
    private let sender: WebhookSender?
    private var supervision: Supervision
    private var manager: NotificationSocket?
    /// When the manager is told what its socket has refused, in milliseconds of uptime.
    private var retry: Int64?

    /// - Parameter environment: the process's, in which a service manager says what it wants to be told.
    init(
        _ configuration: Configuration,
        mailbox: Mailbox,
        environment: [String: String],
        log: Logger
    ) throws {
        let settings = configuration.settings.store
        shell = try Shell(
            configuration,
            store: settings.open { log.log(level: $0.level, "\($0)") },
            dial: { options throws(MosquittoError) in
                try Connection(options, buffer: InterposedBuffer())
            },
            random: SystemRandomNumberGenerator(),
            started: .now,
            log: log
        )
        self.mailbox = mailbox
        let feed = shell.feed
        let reading = DispatchQueue(label: "presence-bridge.change-log")
        shell.readLog { number, query in
            reading.async { mailbox.post(.recalled(number, try? feed.history(query))) }
        }
        mailbox.show(feed)
        self.log = log
        shell.measure { DispatchTime.now().uptimeNanoseconds }
        sender = try WebhookSender(configuration.settings, feed, shell.webhooks, log: log)
        supervision = Supervision(environment: environment, process: getpid())
        do throws(NotificationError) {
            manager = try environment["NOTIFY_SOCKET"].map { path throws(NotificationError) in
                try NotificationSocket(path: path)
            }
        } catch {
            log.warning("\(error)")
        }
    }

    func run() {
        var isMore = false
        var now = Instant.now
        while !shell.isOver(at: now) {
            notify(at: now)
            let pause = isMore ? 0 : min(shell.pause(at: now), untilNotice(at: now))
            let begun = now.uptime
            mailbox.waker.wait(for: sockets, milliseconds: pause)
            now = .now
            shell.hasWaited(now.uptime - begun, insteadOf: pause)
            let (orders, inquiries) = mailbox.take()
            isMore = shell.turn(at: now, orders, inquiries)
            now = .now
        }
        notify(at: now)
        mailbox.close()
        sender?.stop()
        shell.close()
    }

    // MARK: - The service manager

    private func notify(at now: Instant) {
        guard let manager, retry.map({ now.uptime >= $0 }) ?? true else { return }
        var told = supervision
        let lines = told.lines(shell.standing, at: now.uptime)
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

    /// How long until the manager must hear of the loop, in milliseconds.
    private func untilNotice(at now: Instant) -> Int64 {
        guard manager != nil, let next = retry ?? supervision.nextStep else { return .max }
        return max(0, next - now.uptime)
    }

    /// What to wait for.
    private var sockets: [(descriptor: Int32, toWrite: Bool)] {
        var sockets: [(descriptor: Int32, toWrite: Bool)] = []
        for transport in shell.transports {
            guard let descriptor = transport.fileDescriptor else { continue }
            sockets.append((descriptor, transport.wantsWrite))
        }
        return sockets
    }
}

extension StoreRemark {
    fileprivate var level: Logger.Level {
        switch weight {
        case .info: .info
        case .notice: .notice
        case .error: .error
        }
    }
}
