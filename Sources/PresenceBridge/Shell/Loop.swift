import Logging
import Mosquitto
import MosquittoSocketBuffer
import PresenceCore
import PresenceStore

/// The bridge in real time: waits for the socket, the clock and orders, and turns the shell.
struct Loop {
    private let shell: Shell
    private let mailbox: Mailbox

    init(_ configuration: Configuration, mailbox: Mailbox, log: Logger) throws(StoreError) {
        let settings = configuration.settings.store
        shell = try Shell(
            configuration,
            store: JournaledStore(
                path: settings.path,
                synchronous: settings.sync == .full ? .full : .normal,
                onRemark: { log.log(level: $0.level, "\($0)") }
            ),
            dial: { options throws(MosquittoError) in
                try Connection(options, buffer: InterposedBuffer())
            },
            random: SystemRandomNumberGenerator(),
            started: .now,
            log: log
        )
        self.mailbox = mailbox
    }

    func run() {
        var isMore = false
        var now = Instant.now
        while !shell.isOver(at: now) {
            let pause = isMore ? 0 : shell.pause(at: now)
            let begun = now.uptime
            mailbox.waker.wait(for: sockets, milliseconds: pause)
            now = .now
            shell.hasWaited(now.uptime - begun, insteadOf: pause)
            isMore = shell.turn(at: now, mailbox.take())
            now = .now
        }
        shell.close()
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
