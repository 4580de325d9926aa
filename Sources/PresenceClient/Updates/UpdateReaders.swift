import Synchronization

/// All readers of what one client learns.
final class UpdateReaders: Sendable {
    private struct Weak: Sendable {
        weak var buffer: UpdateBuffer?
    }

    private struct State {
        var readers: [Weak] = []
        var isOver = false
    }

    private let state = Mutex(State())

    /// One more reader, from now on.
    func join(capacity: Int) -> Updates {
        let buffer = UpdateBuffer(capacity: capacity)
        state.withLock { state in
            if state.isOver { buffer.finish() }
            state.readers.removeAll { $0.buffer == nil }
            state.readers.append(Weak(buffer: buffer))
        }
        return Updates(buffer: buffer)
    }

    func tell(_ update: Update) {
        for reader in state.withLock({ $0.readers }) { reader.buffer?.add(update) }
    }

    func finish() {
        let readers = state.withLock { state in
            state.isOver = true
            return state.readers
        }
        for reader in readers { reader.buffer?.finish() }
    }
}
