import Chance
import Presence
import Testing

@testable import PresenceStore

@Suite("Changes as bytes")
struct ChangeReaderTests {
    private func bytes(_ changes: [Change]) -> [UInt8] {
        var writer = ChangeWriter()
        for change in changes { writer.write(change) }
        return writer.bytes
    }

    @Test("What is written is read, every kind with all its values")
    func roundTrip() throws {
        var random = SeededNumbers(seed: 1)
        for _ in 1...2_000 {
            let changes = (1...3).map { _ in Change.any(&random) }
            let bytes = bytes(changes)
            #expect(try ChangeReader.changes(in: bytes[...]) == changes)
            // Wherever the bytes lie.
            let behind = [7, 7, 7] + bytes
            #expect(try ChangeReader.changes(in: behind[3...]) == changes)
        }
    }

    @Test("A usual change of a device takes less than sixty bytes with its user")
    func size() {
        let user = UserRecord(
            id: 100_000,
            name: Name(checked: "user100000"),
            since: 1_700_000_000,
            updated: 1_700_000_000,
            seq: 1_700_000_000_123
        )
        let device = DeviceRecord(
            user: 100_000,
            name: Name(checked: "phone"),
            status: .online,
            epoch: 3,
            heard: 1_700_000_000
        )
        #expect(bytes([.putUser(user), .putDevice(device)]).count < 60)
    }

    @Test("Bytes that end too early are changes before that, or are refused")
    func truncated() throws {
        var random = SeededNumbers(seed: 2)
        for _ in 1...100 {
            let (one, other) = (Change.any(&random), Change.any(&random))
            let whole = bytes([one, other])
            for count in 1..<whole.count {
                let read = try? ChangeReader.changes(in: whole.prefix(count))
                #expect(read == (count == bytes([one]).count ? [one] : nil))
            }
        }
    }

    @Test(
        "What no bridge writes is refused",
        arguments: [
            // No kind, and one that is not known.
            [0], [8, 1],
            // A number of a user beyond 32 bits, and integers beyond 64.
            [3, 0x80, 0x80, 0x80, 0x80, 0x10],
            [3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2],
            [3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
            // A text that is longer than the bytes, of a negative length, and no UTF-8.
            [5, 1, 2, 0x61], [5, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
            [5, 1, 1, 0xFF],
            // A flag that means nothing, a cause and a kept copy that are none.
            [2, 1, 16, 1, 0x61, 0, 0], [2, 1, 2, 1, 0x61, 0, 1, 0x61, 0],
            [1, 0, 1, 1, 1, 3, 1],
            // Values that may not be stored: user 0, a name, a status, a time.
            [2, 0, 0, 1, 0x61, 0, 0], [2, 1, 0, 1, 0x2F, 0, 0], [4, 1, 0, 1, 0x61, 1, 0x20, 1, 1],
            [6, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        ] as [[UInt8]]
    )
    func refused(_ bytes: [UInt8]) {
        #expect(throws: ChangeReader.Unreadable.self) { try ChangeReader.changes(in: bytes[...]) }
    }

    @Test("A byte changed anywhere crashes nothing")
    func garbled() {
        var random = SeededNumbers(seed: 3)
        for _ in 1...5_000 {
            var bytes = bytes([Change.any(&random), Change.any(&random)])
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = UInt8.random(in: 0...255, using: &random)
            _ = try? ChangeReader.changes(in: bytes[...])
        }
    }
}
