import Presence
import Testing

@Suite("JSON objects")
struct JSONObjectTests {
    @Test("Keys keep their order")
    func keepsOrder() throws {
        let object = try parse(#"{"b":1,"a":2,"":3}"#)
        #expect(object.keys == ["b", "a", ""])
        #expect(object.map(\.value) == [.integer(1), .integer(2), .integer(3)])
        #expect(object.count == 3)
        #expect(object[""] == .integer(3))
        #expect(object["c"] == nil)
        #expect(try parse("{}").isEmpty)
    }

    @Test("Of a key that stands twice the last value holds", arguments: [0, 1, 13, 14, 15, 1_000])
    func lastValueHolds(others: Int) throws {
        let middle = (0..<others).map { #""k\#($0)":\#($0),"# }.joined()
        let object = try parse(#"{"a":1,\#(middle)"\u0061":2,"a":3}"#)
        #expect(object.count == others + 1)
        #expect(object.keys.first == "a")
        #expect(object["a"] == .integer(3))
        for number in 0..<min(others, 20) {
            #expect(object["k\(number)"] == .integer(Int64(number)))
        }
    }

    @Test("Two spellings of an accented letter are two keys", arguments: [0, 100])
    func keysAreBytes(others: Int) throws {
        let rest = (0..<others).map { #","k\#($0)":0"# }.joined()
        let object = try parse(#"{"\u00e9":1,"e\u0301":2\#(rest)}"#)
        #expect(object.count == others + 2)
        #expect(object["\u{E9}"] == .integer(1))
        #expect(object["e\u{301}"] == .integer(2))
    }

    private func parse(_ text: String) throws -> JSONObject {
        try #require(JSONValue(parsing: Array(text.utf8)).object)
    }
}
