import Dispatch
import Foundation

/// What is typed.
enum Keyboard {
    static func keys() -> AsyncStream<Key> {
        let (stream, continuation) = AsyncStream.makeStream(of: Key.self)
        let queue = DispatchQueue(label: "keyboard")
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        // One thread after the other has it.
        nonisolated(unsafe) var reader = KeyReader()
        source.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
            guard count > 0 else {
                // The terminal is gone.
                return continuation.finish()
            }
            for key in unsafe reader.read(Array(bytes.prefix(count))) { continuation.yield(key) }
        }
        source.resume()
        // A source is made for one thread after the other.
        nonisolated(unsafe) let shared = source
        continuation.onTermination = { _ in unsafe shared.cancel() }
        return stream
    }
}
