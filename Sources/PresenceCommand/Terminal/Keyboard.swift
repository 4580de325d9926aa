import Dispatch
import Foundation

/// What is typed.
enum Keyboard {
    /// The bytes that come from the keyboard.
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
        let box = Source(source: source)
        continuation.onTermination = { _ in box.source.cancel() }
        return stream
    }

    /// A source is made for one thread after the other.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceRead
    }
}
