import Glibc
import Mosquitto
import MosquittoSocketBuffer
import Testing

@Suite("Reading ahead, and sending together")
struct InterposedBufferTests {
    /// Both ends of a connection that does not wait.
    private final class Sockets {
        let (here, there): (Int32, Int32)
        private var isEnded = false

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (here, there) = (ends[0], ends[1])
            for end in ends { try #require(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
        }

        deinit {
            Glibc.close(here)
            end()
        }

        /// The other side closes.
        func end() {
            if !isEnded { Glibc.close(there) }
            isEnded = true
        }

        /// What the other side sends.
        func send(_ bytes: [UInt8]) {
            #expect(Glibc.write(there, bytes, bytes.count) == bytes.count)
        }

        /// What is read here at once; `nil` where nothing has come, and nothing at the end.
        func read(_ count: Int) -> [UInt8]? { Self.read(here, count) }

        /// What has come to the other side.
        func received() -> [UInt8] {
            var found: [UInt8] = []
            while let part = Self.read(there, 100_000), !part.isEmpty { found += part }
            return found
        }

        /// How much of some bytes is taken here; `nil` where none can be taken for now.
        func write(_ bytes: [UInt8]) -> Int? {
            let count = Glibc.write(here, bytes, bytes.count)
            guard count >= 0 else {
                #expect(errno == EAGAIN)
                return nil
            }
            return count
        }

        private static func read(_ socket: Int32, _ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            let length = Glibc.read(socket, &bytes, count)
            guard length >= 0 else {
                #expect(errno == EAGAIN)
                return nil
            }
            return Array(bytes[..<length])
        }
    }

    /// Bytes of which no two stretches are alike.
    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    }

    // MARK: - Reading

    @Test("What has come is fetched at once, and given out as it is asked for")
    func parts() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        sockets.send([1, 2, 3, 4, 5])
        #expect(buffer.using(sockets.here) { sockets.read(1) } == [1])
        #expect(buffer.hasUnread)
        // Nothing is left for others.
        #expect(sockets.read(1) == nil)
        sockets.send([6, 7])
        #expect(buffer.using(sockets.here) { sockets.read(2) } == [2, 3])
        #expect(buffer.using(sockets.here) { sockets.read(9) } == [4, 5])
        #expect(!buffer.hasUnread)
        #expect(buffer.using(sockets.here) { sockets.read(9) } == [6, 7])
        #expect(buffer.using(sockets.here) { sockets.read(9) } == nil)
        #expect(!buffer.hasUnread)
    }

    @Test("Much comes in its order, however much is asked for at once")
    func much() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        let bytes = Self.bytes(300_000)
        var found: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 60_000) {
            sockets.send(Array(bytes[start..<start + 60_000]))
            // What is longer than the buffer goes past it, once nothing is in it.
            for count in start == 0 ? [100_000] : [1, 2, 25_000, 100_000] {
                found += buffer.using(sockets.here) { sockets.read(count) } ?? []
            }
        }
        #expect(found == bytes)
    }

    @Test("The end comes behind what was sent before it, as often as it is asked for")
    func end() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        sockets.send([1, 2])
        buffer.using(sockets.here) {
            #expect(sockets.read(1) == [1])
            sockets.end()
            #expect(sockets.read(1) == [2])
            #expect(sockets.read(1) == [])
            #expect(sockets.read(1) == [])
        }
    }

    @Test("What was read of one socket is not taken for what the next one brings")
    func another() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        sockets.send([1, 2])
        #expect(buffer.using(sockets.here) { sockets.read(1) } == [1])
        buffer.removeAll()
        #expect(!buffer.hasUnread)
        sockets.send([3])
        #expect(buffer.using(sockets.here) { sockets.read(9) } == [3])
    }

    // MARK: - Writing

    @Test("What is written waits, and goes together and in its order")
    func together() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        buffer.using(sockets.here) {
            #expect(sockets.write([1, 2]) == 2)
            #expect(sockets.write([3]) == 1)
        }
        #expect(buffer.hasUnsent)
        #expect(sockets.received().isEmpty)
        #expect(buffer.send(to: sockets.here) == 0)
        #expect(!buffer.hasUnsent)
        #expect(sockets.received() == [1, 2, 3])
        #expect(buffer.send(to: sockets.here) == 0)
        #expect(sockets.received().isEmpty)
    }

    @Test("Of more than there is room for what came first goes first", arguments: [1, 900, 70_000])
    func overflow(_ size: Int) throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        let bytes = Self.bytes(140_000)
        var found: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let part = Array(bytes[start..<min(start + size, bytes.count)])
            #expect(buffer.using(sockets.here) { sockets.write(part) } == part.count)
            if start % 30_000 < size { found += sockets.received() }
        }
        #expect(buffer.send(to: sockets.here) == 0)
        #expect(found + sockets.received() == bytes)
    }

    @Test("What a full socket does not take is kept, and nothing more is taken than fits")
    func full() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        let bytes = Self.bytes(1_000)
        var taken = 0
        while buffer.using(sockets.here, { sockets.write(bytes) }) == bytes.count { taken += 1 }
        #expect(buffer.hasUnsent)
        #expect(buffer.send(to: sockets.here) == EAGAIN)
        var found: [UInt8] = []
        while buffer.hasUnsent {
            found += sockets.received()
            _ = buffer.send(to: sockets.here)
        }
        found += sockets.received()
        #expect(found == (0..<taken).flatMap { _ in bytes })
    }

    @Test("A connection that has gone is told by its error, and by no signal")
    func gone() throws {
        let (sockets, buffer) = (try Sockets(), InterposedBuffer())
        #expect(buffer.using(sockets.here) { sockets.write([1]) } == 1)
        sockets.end()
        #expect(buffer.send(to: sockets.here) == EPIPE)
        buffer.removeAll()
        #expect(!buffer.hasUnsent)
    }

    // MARK: - Others

    @Test("Other descriptors are read and written as ever, and so is everything outside")
    func others() throws {
        let (sockets, other, buffer) = (try Sockets(), try Sockets(), InterposedBuffer())
        sockets.send([1, 2])
        other.send([3, 4])
        buffer.using(sockets.here) {
            #expect(other.read(1) == [3])
            #expect(other.write([5, 6]) == 2)
        }
        #expect(!buffer.hasUnread && !buffer.hasUnsent)
        #expect(other.received() == [5, 6])
        #expect(sockets.read(1) == [1])
        #expect(sockets.write([6]) == 1)
        #expect(sockets.received() == [6])
        #expect(other.read(1) == [4])
    }

    @Test("A byte that is to wake a thread of the library is dropped")
    func waking() throws {
        let (sockets, other, buffer) = (try Sockets(), try Sockets(), InterposedBuffer())
        buffer.using(sockets.here) { #expect(other.write([0]) == 1) }
        #expect(other.received().isEmpty)
        #expect(other.write([0]) == 1)
        #expect(other.received() == [0])
    }
}
