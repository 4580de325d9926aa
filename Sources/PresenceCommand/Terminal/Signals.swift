import Dispatch
import Foundation

/// The signals of the system as a stream; they have no other effect any more.
enum Signals {
    /// Those that ask a program to end.
    static let ends: Set<Int32> = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Trapped from now on, as long as the program runs.
    ///
    /// Those that it was told to ignore at its start, as by `nohup`, it ignores.
    static func stream(_ signals: Set<Int32>) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let queue = DispatchQueue(label: "signals")
        // A source is made for one thread after the other.
        nonisolated(unsafe) let sources = signals.compactMap {
            number -> (any DispatchSourceSignal)? in
            let before = signal(number, SIG_IGN)
            if unsafe unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                return nil
            }
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        continuation.onTermination = { _ in
            for source in unsafe sources { source.cancel() }
        }
        return stream
    }

    /// Does the work until it is done, or a signal asks for the end and the work is cancelled.
    ///
    /// - Parameter screen: What hears the signals that concern a screen, if there is one.
    static func untilEnd(
        _ screen: LiveScreen? = nil,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        let stream = stream(screen == nil ? ends : ends.union(LiveScreen.signals))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: work)
            group.addTask {
                for await number in stream {
                    if ends.contains(number) { return }
                    screen?.hear(number)
                }
            }
            // What ends first ends the other one.
            try await group.next()
            group.cancelAll()
            do {
                try await group.waitForAll()
            } catch is CancellationError {
                return
            }
        }
    }
}
