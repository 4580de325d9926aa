import Logging
import Mosquitto
import PresenceCore
import PresenceStore

/// Opens the store that the configuration names, and stands by as long as another bridge owns it.
struct StoreOpening {
    /// The time between two looks at a store that another bridge owns, in milliseconds.
    private static let pause: Int64 = 200

    private let settings: Settings
    private let mailbox: Mailbox
    private let notices: Notices
    private let log: Logger

    init(_ settings: Settings, mailbox: Mailbox, notices: Notices, log: Logger) {
        self.settings = settings
        self.mailbox = mailbox
        self.notices = notices
        self.log = log
    }

    /// The store; `nil` where the bridge was told to end before it had one.
    ///
    /// - Throws: why there can be none. A database that is lost while the bridge stands by is waited for.
    func open() throws(StoreError) -> (any Store)? {
        let store = settings.store
        let remark = { [log] (remark: StoreRemark) in log.log(level: remark.level, "\(remark)") }
        if case .file(let path) = store.location {
            return try JournaledStore(
                path: path,
                synchronous: store.sync == .full ? .full : .normal,
                onRemark: remark
            )
        }
        return try store.database.flatMap { database throws(StoreError) in
            try wait(
                Candidacy(
                    database,
                    of: Member(
                        settings.broker.bridgeID,
                        topicPrefix: settings.topicPrefix,
                        lease: store.lease.milliseconds
                    ),
                    onRemark: remark
                )
            )
        }
    }

    private func wait(_ candidacy: Candidacy) throws(StoreError) -> (any Store)? {
        var told = false
        var (owner, failure): (String?, StoreError?)
        while true {
            do throws(StoreError) {
                switch try candidacy.look() {
                case .owns(let store):
                    if told { log.notice("the store is this bridge's now") }
                    return store
                case .waits(for: let other):
                    if !told || owner != other { log.notice("\(Self.words(waitingFor: other))") }
                    (told, owner, failure) = (true, other, nil)
                }
            } catch {
                guard told else { throw error }
                if failure != error { log.error("\(error)") }
                failure = error
            }
            if passMoment() {
                candidacy.leave()
                return nil
            }
        }
    }

    private static func words(waitingFor owner: String?) -> String {
        let name = owner.map { "bridge '\($0)'" } ?? "another bridge"
        return "\(name) owns the store: this one stands by, and takes over when that one ends"
    }

    /// Waits for a moment, and answers whoever asks meanwhile; returns whether the bridge is to end.
    private func passMoment() -> Bool {
        let now = Instant.now
        notices.tell(.standingBy, at: now)
        let nothing: [(descriptor: Int32, toWrite: Bool)] = []
        mailbox.waker.wait(for: nothing, milliseconds: min(Self.pause, notices.pause(at: now)))
        let (orders, asked) = mailbox.take()
        var inquiries = Inquiries()
        _ = inquiries.take(asked)
        inquiries.close(.standingBy, isEnding: true, refusal: Inquiries.standsBy) {
            Standing.standingBy.measures
        }
        guard !orders.contains(.stop) else { return true }
        // Nothing is there yet that could take a new configuration.
        if orders.contains(.reload) {
            log.notice("standing by: the configuration is read again at the next start")
        }
        return false
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
