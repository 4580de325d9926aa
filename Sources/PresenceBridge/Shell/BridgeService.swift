import Foundation
import Logging
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
                group.addTask {
                    do {
                        try await http.run(mailbox)
                    } catch {
                        mailbox.post(.stop)
                        throw error
                    }
                }
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
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            let thread = Thread {
                continuation.resume(
                    with: Result {
                        try Loop(
                            configuration,
                            mailbox: mailbox,
                            environment: ProcessInfo.processInfo.environment,
                            log: log
                        ).run()
                    }
                )
            }
            thread.name = "presence-bridge"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
