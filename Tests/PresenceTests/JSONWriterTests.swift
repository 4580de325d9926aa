import Presence
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("Commas stand between members and elements and nowhere else")
    func putsCommas() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(.min)
        writer.integer(.max)
        writer.beginArray()
        writer.endArray()
        writer.beginObject()
        writer.endObject()
        writer.bool(true)
        writer.bool(false)
        writer.endArray()
        writer.key("b")
        writer.null()
        writer.key("c")
        writer.raw(Array(#"{"x":1}"#.utf8))
        writer.key("d")
        writer.beginArray()
        writer.raw(Array("1".utf8))
        writer.raw(Array("2".utf8))
        writer.string("")
        writer.endArray()
        writer.endObject()
        let expected =
            #"{"a":[-9223372036854775808,9223372036854775807,[],{},true,false],"#
            + #""b":null,"c":{"x":1},"d":[1,2,""]}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test("Quotes, backslashes and control characters are escaped, and nothing else")
    func escapes() {
        let controls = (0..<0x20).compactMap(Unicode.Scalar.init).map(Character.init)
        var writer = JSONWriter(reserving: 0)
        writer.beginObject()
        writer.key(#"a"\"#)
        writer.string(String(controls) + "\"\\/\u{7F}é\u{2028}😀")
        writer.endObject()
        let expected =
            #"{"a\"\\":"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r"#
            + #"\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019"#
            + #"\u001a\u001b\u001c\u001d\u001e\u001f\"\\/"# + "\u{7F}é\u{2028}😀\"}"
        #expect(Array(String(decoding: writer.bytes, as: UTF8.self).utf8) == Array(expected.utf8))
    }

    @Test("What is written is read back the same")
    func roundTrip() throws {
        let texts = [
            "", "a", "\r\n", "e\u{301}", "\0", "a\"b", "\\", String(repeating: "é\t", count: 99),
        ]
        let members = texts.enumerated().map { index, text in
            (key: text, value: JSONValue.array([.string(text), .integer(Int64(index)), .null]))
        }
        let value = JSONValue.object(JSONObject(members + [("z", .bool(true))]))
        var writer = JSONWriter()
        writer.write(value)
        #expect(try JSONValue(parsing: writer.bytes) == value)
    }
}

extension JSONWriter {
    /// Writes a value that holds no number with a fraction.
    fileprivate mutating func write(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number: Issue.record("the writer has no such numbers")
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { write(element) }
            endArray()
        case .object(let members):
            beginObject()
            for (name, value) in members {
                key(name)
                write(value)
            }
            endObject()
        }
    }
}
