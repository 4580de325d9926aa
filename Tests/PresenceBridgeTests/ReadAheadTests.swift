import Glibc
import Mosquitto
import MosquittoReadAhead
import Testing

@Suite("Reading ahead")
struct ReadAheadTests {
    /// Both ends of a pipe that does not wait.
    private final class Pipe {
        let (out, into): (Int32, Int32)
        private var isEnded = false

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (out, into) = (ends[0], ends[1])
            try #require(fcntl(out, F_SETFL, O_NONBLOCK) == 0)
        }

        deinit {
            Glibc.close(out)
            end()
        }

        /// Nothing more is written.
        func end() {
            if !isEnded { Glibc.close(into) }
            isEnded = true
        }

        func write(_ bytes: [UInt8]) {
            #expect(Glibc.write(into, bytes, bytes.count) == bytes.count)
        }

        /// What is read at once; `nil` where nothing has come, and nothing at the end.
        func read(_ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            let length = Glibc.read(out, &bytes, count)
            guard length >= 0 else {
                #expect(errno == EAGAIN)
                return nil
            }
            return Array(bytes[..<length])
        }
    }

    @Test("What has come is fetched at once, and given out as it is asked for")
    func parts() throws {
        let (pipe, ahead) = (try Pipe(), ReadAhead())
        pipe.write([1, 2, 3, 4, 5])
        #expect(ahead.reading(pipe.out) { pipe.read(1) } == [1])
        #expect(!ahead.isEmpty)
        // Nothing is left for others.
        #expect(pipe.read(1) == nil)
        pipe.write([6, 7])
        #expect(ahead.reading(pipe.out) { pipe.read(2) } == [2, 3])
        #expect(ahead.reading(pipe.out) { pipe.read(9) } == [4, 5])
        #expect(ahead.isEmpty)
        #expect(ahead.reading(pipe.out) { pipe.read(9) } == [6, 7])
        #expect(ahead.reading(pipe.out) { pipe.read(9) } == nil)
        #expect(ahead.isEmpty)
    }

    @Test("Much comes in its order, however much is asked for at once")
    func much() throws {
        let (pipe, ahead) = (try Pipe(), ReadAhead())
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        var found: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 60_000) {
            pipe.write(Array(bytes[start..<start + 60_000]))
            // What is longer than the buffer goes past it, once nothing is in it.
            for count in start == 0 ? [100_000] : [1, 2, 25_000, 100_000] {
                found += ahead.reading(pipe.out) { pipe.read(count) } ?? []
            }
        }
        #expect(found == bytes)
    }

    @Test("The end comes behind what was sent before it, as often as it is asked for")
    func end() throws {
        let (pipe, ahead) = (try Pipe(), ReadAhead())
        pipe.write([1, 2])
        ahead.reading(pipe.out) {
            #expect(pipe.read(1) == [1])
            pipe.end()
            #expect(pipe.read(1) == [2])
            #expect(pipe.read(1) == [])
            #expect(pipe.read(1) == [])
        }
    }

    @Test("Other descriptors are read as ever, and so is everything outside")
    func others() throws {
        let (pipe, other, ahead) = (try Pipe(), try Pipe(), ReadAhead())
        pipe.write([1, 2])
        other.write([3, 4])
        ahead.reading(pipe.out) {
            #expect(other.read(1) == [3])
            #expect(ahead.isEmpty)
        }
        #expect(pipe.read(1) == [1])
        #expect(other.read(1) == [4])
    }

    @Test("What was read of one socket is not taken for what the next one brings")
    func another() throws {
        let (pipe, ahead) = (try Pipe(), ReadAhead())
        pipe.write([1, 2])
        #expect(ahead.reading(pipe.out) { pipe.read(1) } == [1])
        ahead.removeAll()
        #expect(ahead.isEmpty)
        pipe.write([3])
        #expect(ahead.reading(pipe.out) { pipe.read(9) } == [3])
    }
}
