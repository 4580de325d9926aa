import DatabaseFixture
import Testing

@testable import PostgreSQL

@Suite(
    "Arguments of statements",
    .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed")
)
struct ArgumentTests {
    private let session: Session

    init() throws {
        let server = try DatabaseServer.shared.get()
        session = try Session(try ConnectionString(server.uri), by: Deadline(in: 10_000))
    }

    /// What an argument comes back as; `nil` for null.
    private func echo(_ argument: Argument) throws -> [UInt8]? {
        let table = try session.run(
            SQLStatement("SELECT $1 -- \(argument.type)", argument),
            by: Deadline(in: 10_000)
        )
        #expect(table.count == 1)
        return table.bytes(0, 0).map { Array($0) }
    }

    /// What the values of an array come back as.
    private func values(_ argument: Argument) throws -> [[UInt8]?] {
        let sql =
            "SELECT v FROM unnest($1) WITH ORDINALITY AS t (v, n) ORDER BY n -- \(argument.type)"
        let table = try session.run(SQLStatement(sql, argument), by: Deadline(in: 60_000))
        return (0..<table.count).map { row in table.bytes(row, 0).map { Array($0) } }
    }

    @Test("Single values come back as they were, and null as null")
    func single() throws {
        let integers: [Int64?] = [0, 1, -1, .max, .min, nil]
        for integer in integers {
            let bytes = try echo(.integer(integer))
            #expect(bytes?.reduce(0) { $0 << 8 | Int64($1) } == integer)
        }
        let texts = ["", "a", "e\u{301}\u{1F600}", String(repeating: "x", count: 1 << 20), nil]
        for text in texts { #expect(try echo(.text(text)) == text.map { Array($0.utf8) }) }
        for bytes in [[], [0], [0, 0xFF, 0], [UInt8](repeating: 0, count: 1 << 20)] {
            #expect(try echo(.bytes(bytes)) == bytes)
        }
    }

    @Test("Arrays come back as they were", arguments: [0, 1, 3, 100_000])
    func integers(count: Int64) throws {
        let integers: [Int64?] = (0..<count).map { $0 % 3 == 1 ? nil : $0 &* 0x0123_4567_89AB_CDEF }
        let found = try values(.integers(integers))
        #expect(found.map { $0?.reduce(0) { $0 << 8 | Int64($1) } } == integers)
    }

    @Test("Arrays of texts and of bytes come back as they were")
    func texts() throws {
        let texts = ["", nil, "a", String(repeating: "\u{E9}", count: 70_000), nil, "z"]
        let expected = texts.map { $0.map { Array($0.utf8) } }
        #expect(try values(.texts(texts)) == expected)
        #expect(try values(.utf8(expected)) == expected)
        #expect(try values(.texts([])) == [])
        #expect(try values(.utf8([])) == [])
        let bytes: [[UInt8]?] = [[], nil, [0], [0, 1, 0xFF], Array(repeating: 0, count: 1 << 20)]
        #expect(try values(.byteStrings(bytes)) == bytes)
        #expect(try values(.byteStrings([])) == [])
        #expect(try values(.byteStrings([nil])) == [nil])
    }

    @Test("Several arguments are each in their place")
    func several() throws {
        let table = try session.run(
            SQLStatement(
                "SELECT $1, $2, $3, array_length($4, 1), cardinality($5)",
                .bytes([]),
                .integer(nil),
                .text("text"),
                .integers([1, 2]),
                .texts([])
            ),
            by: Deadline(in: 10_000)
        )
        #expect(table.bytes(0, 0)?.count == 0)
        #expect(table.bytes(0, 1) == nil)
        #expect(table.bytes(0, 2).map { Array($0) } == Array("text".utf8))
        #expect(table.bytes(0, 3).map { Array($0) } == [0, 0, 0, 2])
        #expect(table.bytes(0, 4).map { Array($0) } == [0, 0, 0, 0])
    }
}
