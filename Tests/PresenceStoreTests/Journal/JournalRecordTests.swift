import Presence
import Testing

@testable import PresenceStore

@Suite("A record of the journal")
struct JournalRecordTests {
    private static let changes: [Change] = [.user(7), .device(7, "phone")]

    @Test("The checksum is that of zlib")
    func checksum() {
        #expect(CRC32.checksum(of: Array("123456789".utf8)[...]) == 0xCBF4_3926)
        #expect(CRC32.checksum(of: []) == 0)
    }

    @Test("It is read with its number and changes, and says where the next one begins")
    func roundTrip() throws {
        let last = JournalRecord.sequences.upperBound
        let one = JournalRecord.bytes(of: Self.changes, sequence: 0)
        let both = one + JournalRecord.bytes(of: [.user(8)], sequence: last)
        let first = try #require(JournalRecord(in: both, at: 0))
        #expect(first.sequence == 0)
        #expect(try ChangeReader.changes(in: first.payload) == Self.changes)
        let second = try #require(JournalRecord(in: both, at: first.end))
        #expect(second.sequence == last)
        #expect(try ChangeReader.changes(in: second.payload) == [.user(8)])
        #expect(second.end == both.count)
    }

    @Test("With any bit turned over it is no record")
    func flips() {
        let record = JournalRecord.bytes(of: Self.changes, sequence: 5)
        for place in record.indices {
            for bit in 0..<8 {
                var flipped = record
                flipped[place] ^= 1 << UInt8(bit)
                #expect(JournalRecord(in: flipped, at: 0) == nil, "byte \(place), bit \(bit)")
            }
        }
    }

    @Test("A number that no turn can have makes it none")
    func sequences() {
        for sequence in [-1, .min, .max, JournalRecord.sequences.upperBound + 1] {
            let record = JournalRecord.bytes(of: Self.changes, sequence: sequence)
            #expect(JournalRecord(in: record, at: 0) == nil)
        }
    }

    @Test("Each of its beginnings is incomplete, and so are zeroes")
    func incomplete() {
        let record = JournalRecord.bytes(of: Self.changes, sequence: 5)
        for count in 0..<record.count {
            #expect(JournalRecord.isIncomplete(in: Array(record.prefix(count)), at: 0))
        }
        #expect(!JournalRecord.isIncomplete(in: record, at: 0))
        let zeroes = [UInt8](repeating: 0, count: 100)
        #expect(JournalRecord.isIncomplete(in: record + zeroes, at: record.count))
        #expect(!JournalRecord.isIncomplete(in: zeroes + [1], at: 0))
    }

    @Test("A later turn behind damage is found, and no earlier one, nor one that is too far ahead")
    func followed() {
        let record = JournalRecord.bytes(of: Self.changes, sequence: 50)
        let bytes = [UInt8](repeating: 0xA5, count: 33) + record
        #expect(JournalRecord.isFollowed(in: bytes, behind: 0, after: 49))
        #expect(!JournalRecord.isFollowed(in: bytes, behind: 0, after: 50))
        #expect(!JournalRecord.isFollowed(in: bytes, behind: 33, after: 49))
        let far = 50 - Int64(bytes.count) - 1
        #expect(far < 0 || !JournalRecord.isFollowed(in: bytes, behind: 0, after: far))
    }
}
