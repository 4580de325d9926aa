import Dispatch
import Logging
import Mosquitto
import MosquittoSocketBuffer
import PresenceCore
import PresenceStore

/// The bridge in real time: waits for the socket, the clock and orders, and turns the shell.
final class Loop {
    private let shell: Shell
    private let mailbox: Mailbox
    private let notices: Notices
    private let sender: WebhookSender?

    init(
        _ configuration: Configuration,
        _ store: any Store,
        mailbox: Mailbox,
        notices: Notices,
        log: Logger
    ) throws {
        shell = try Shell(
            configuration,
            store: store,
            dial: { options throws(MosquittoError) in
                try Connection(options, buffer: InterposedBuffer())
            },
            random: SystemRandomNumberGenerator(),
            started: .now,
            log: log
        )
        self.mailbox = mailbox
        self.notices = notices
        let feed = shell.feed
        let reading = DispatchQueue(label: "presence-bridge.change-log")
        shell.readLog { number, query in
            reading.async { mailbox.post(.recalled(number, try? feed.history(query))) }
        }
        mailbox.show(feed)
        shell.measure { DispatchTime.now().uptimeNanoseconds }
        sender = try WebhookSender(configuration.settings, feed, shell.webhooks, log: log)
    }

    /// Runs until the bridge has ended as it was asked to.
    ///
    /// - Throws: why the store is another bridge's: nobody is told anything more.
    func run() throws(StoreError) {
        var isMore = false
        var now = Instant.now
        while !shell.isOver(at: now), shell.loss == nil {
            notices.tell(shell.standing, at: now)
            let pause = isMore ? 0 : min(shell.pause(at: now), notices.pause(at: now))
            let begun = now.uptime
            mailbox.waker.wait(for: sockets, milliseconds: pause)
            now = .now
            shell.hasWaited(now.uptime - begun, insteadOf: pause)
            let (orders, inquiries) = mailbox.take()
            isMore = shell.turn(at: now, orders, inquiries)
            now = .now
        }
        notices.tell(shell.loss == nil ? shell.standing : .ending, at: now)
        mailbox.close()
        sender?.stop()
        shell.close()
        if let loss = shell.loss { throw loss }
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
