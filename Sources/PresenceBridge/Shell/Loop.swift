import Logging
import Mosquitto
import MosquittoReadAhead
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
                try Connection(options, buffer: ReadAhead())
            },
            random: SystemRandomNumberGenerator(),
            started: .now,
            log: log
        )
        self.mailbox = mailbox
    }

    func run() {
        var isMore = false
        while !shell.isOver(at: .now) {
            wait(isMore ? 0 : shell.pause(at: .now))
            isMore = shell.turn(at: .now, mailbox.take())
        }
        shell.close()
    }

    private func wait(_ milliseconds: Int64) {
        let begun = Instant.now.uptime
        let sockets = shell.transports.compactMap { transport in
            transport.fileDescriptor.map { ($0, transport.wantsWrite) }
        }
        mailbox.waker.wait(for: sockets, milliseconds: milliseconds)
        shell.hasWaited(Instant.now.uptime - begun, insteadOf: milliseconds)
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
