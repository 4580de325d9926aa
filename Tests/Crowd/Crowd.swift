import Foundation
import Synchronization

/// Many MQTT clients on one thread.
///
/// Everything about them is touched on that thread alone, and so needs no lock: what they are, and
/// what they are told to do, is the `Scene`, an object of the caller's that is made there. Others
/// look at it and change it with ``call(_:)``.
public final class Crowd<Scene: AnyObject>: Sendable {
    private struct State {
        var commands: [@Sendable (Scene) -> Void] = []
        var isStopped = false
        var hasEnded = false
    }

    /// How long the thread waits for a socket before it looks whether something else is to be done.
    private static var patience: Int32 { 10 }

    private let state = Mutex(State())

    /// Starts the thread and makes the scene on it.
    public init(_ make: @escaping @Sendable (Members) -> Scene) {
        FileLimit.raise()
        Thread.detachNewThread { self.run(make) }
    }

    /// Runs something on the thread, with the scene, and awaits what it returns.
    public func call<Result: Sendable>(
        _ body: @escaping @Sendable (Scene) -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            perform { continuation.resume(returning: body($0)) }
        }
    }

    /// Runs something on the thread, soon.
    public func perform(_ body: @escaping @Sendable (Scene) -> Void) {
        state.withLock { $0.commands.append(body) }
    }

    /// Ends the thread, after what it was told to do before; every connection is dropped.
    public func stop() {
        state.withLock { $0.isStopped = true }
    }

    private func run(_ make: (Members) -> Scene) {
        let members = Members()
        let scene = make(members)
        while true {
            let (commands, isStopped) = state.withLock { state in
                defer { state.commands = [] }
                return (state.commands, state.isStopped)
            }
            for command in commands { command(scene) }
            members.turn(milliseconds: Self.patience)
            if isStopped, commands.isEmpty { break }
        }
        members.removeAll()
    }
}

/// How many files and sockets this process may have open.
public enum FileLimit {
    /// How many there may be now.
    public static var current: Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Allows as many as the system lets without further rights.
    public static func raise() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
