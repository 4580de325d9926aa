import Logging
import PresenceHTTP

/// The HTTP side of a bridge, if its configuration wants one.
struct HTTPSide: Sendable {
    private let settings: Settings.HTTP
    private let address: ListenAddress
    private let tokens: Tokens
    private let log: Logger

    /// Reads the tokens; `nil` where HTTP is not spoken.
    ///
    /// - Throws: `TokenFile.Failure` for a file of tokens that is not taken.
    init?(_ settings: Settings.HTTP, log: Logger) throws(TokenFile.Failure) {
        guard let address = settings.listen.flatMap(ListenAddress.init) else { return nil }
        self.settings = settings
        self.address = address
        self.log = log
        let known = try settings.tokenFile.map { path throws(TokenFile.Failure) in
            try TokenFile.read(path)
        }
        tokens = Tokens(known ?? [], rate: settings.rate)
    }

    /// Reads the file of tokens again; one that is not taken changes nothing.
    func reload() {
        guard let path = settings.tokenFile else { return }
        do throws(TokenFile.Failure) {
            let known = try TokenFile.read(path)
            tokens.replace(with: known)
            log.notice("read \(path) again: \(known.count) tokens")
        } catch {
            log.error("the old tokens stay: \(error)")
        }
    }

    /// Answers calls until the task is cancelled.
    func run(_ mailbox: Mailbox) async throws {
        let server = HTTPServer(
            HTTPOptions(address, connections: settings.connections),
            desk: LoopDesk(mailbox: mailbox),
            tokens: tokens,
            version: Version.current,
            log: log
        )
        try await server.run()
    }
}
