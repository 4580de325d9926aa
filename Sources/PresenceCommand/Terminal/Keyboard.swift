import Dispatch
import Foundation

/// What is typed.
enum Keyboard {
    static func keys() -> AsyncStream<UInt8> {
        let (stream, continuation) = AsyncStream.makeStream(of: UInt8.self)
        let queue = DispatchQueue(label: "keyboard")
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        source.setEventHandler {
            var byte: UInt8 = 0
            if unsafe read(STDIN_FILENO, &byte, 1) == 1 {
                continuation.yield(byte)
            } else {
                // The terminal is gone.
                continuation.finish()
            }
        }
        source.resume()
        // A source is made for one thread after the other.
        nonisolated(unsafe) let shared = source
        continuation.onTermination = { _ in unsafe shared.cancel() }
        return stream
    }
}
