import Foundation
import Logging
import PresenceHTTP
import PresenceStore
import ServiceLifecycle
import UnixSignals

/// The bridge as a service: runs until it is told to end in order, reads its configuration again
/// on SIGHUP.
public struct BridgeService: Service {
    private let configuration: Configuration
    private let log: Logger

    /// A bridge that has not started.
    public init(_ configuration: Configuration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    /// Runs the loop on a thread of its own until the service is shut down or cancelled.
    ///
    /// - Throws: `StoreError` when the store cannot be opened, and what keeps HTTP from being spoken.
    public func run() async throws {
        let mailbox = try Mailbox()
        let http = try HTTPSide(configuration.settings.http, log: log)
        for warning in configuration.warnings {
            log.warning("\(warning)")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sighup) {
                    mailbox.post(.reload)
                    http?.reload()
                }
            }
            if let http {
                group.addTask { try await Self.serve(mailbox) { try await http.run(mailbox) } }
            }
            try await withTaskCancellationOrGracefulShutdownHandler {
                try await runLoop(mailbox)
            } onCancelOrGracefulShutdown: {
                mailbox.post(.stop)
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func runLoop(_ mailbox: Mailbox) async throws {
        let (configuration, log) = (configuration, log)
        try await Self.runLoop(mailbox) {
            let notices = Notices(environment: ProcessInfo.processInfo.environment, log: log)
            let opening = StoreOpening(
                configuration.settings,
                mailbox: mailbox,
                notices: notices,
                log: log
            )
            guard let store = try opening.open() else {
                return notices.tell(.ending, at: .now)
            }
            let loop = try notices.whileBusy {
                try Loop(configuration, store, mailbox: mailbox, notices: notices, log: log)
            }
            try loop.run()
        }
    }

    /// Runs a loop on a thread of its own; once it has ended, or could not begin, whatever is asked of it is
    /// refused.
    static func runLoop(
        _ mailbox: Mailbox,
        _ run: @escaping @Sendable () throws -> Void
    ) async throws {
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            let thread = Thread {
                let result = Result { try run() }
                mailbox.close()
                continuation.resume(with: result)
            }
            thread.name = "presence-bridge"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Serves HTTP until the service ends; where that ends by itself, so does the service.
    static func serve(_ mailbox: Mailbox, _ run: () async throws -> Void) async throws {
        do {
            try await run()
            guard Task.isCancelled || Task.isShuttingDownGracefully else {
                throw HTTPServer.Failure(
                    "HTTP is not served any more; the log says why, if that is known"
                )
            }
        } catch {
            mailbox.post(.stop)
            throw error
        }
    }
}
