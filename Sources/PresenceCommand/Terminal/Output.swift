import Foundation

/// One of the two streams that a program writes to.
struct Output: Sendable {
    let descriptor: Int32

    static let standard = Output(descriptor: STDOUT_FILENO)
    static let error = Output(descriptor: STDERR_FILENO)

    /// Nobody reads any more, as after `| head`, or when the terminal is gone.
    struct Closed: Error {}

    /// It cannot be written, as to a disk that is full.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while let start = rest.baseAddress, unsafe !rest.isEmpty {
                let count = unsafe Foundation.write(descriptor, start, rest.count)
                if count >= 0 {
                    unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    unsafe poll(&wait, 1, -1)
                } else if errno == EPIPE || errno == EIO {
                    throw Closed()
                } else if errno != EINTR {
                    let reason = unsafe String(cString: strerror(errno))
                    throw Failure(description: "what was found cannot be written: \(reason)")
                }
            }
        }
    }

    func write(lines: [String]) throws {
        try write(lines.map { $0 + "\n" }.joined())
    }

    /// Waits until nobody reads any more, which a program that has nothing to write would not see.
    func untilClosed() async throws {
        while true {
            var look = pollfd(fd: descriptor, events: 0, revents: 0)
            if unsafe poll(&look, 1, 0) == 1, look.revents & Int16(POLLERR) != 0 { throw Closed() }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Says something beside the matter, if anybody listens.
    func say(_ words: String) {
        try? write("presence: \(DisplayText.safe(words))\n")
    }
}
