import Presence
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test(
        "What the grammar allows is read",
        arguments: [
            (" null\t", .null),
            ("true", .bool(true)),
            ("\r\nfalse", .bool(false)),
            ("0", .integer(0)),
            ("-0", .integer(0)),
            ("604800", .integer(604_800)),
            ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .integer(.max)),
            ("99999999999999999999999999999999", .integer(.max)),
            ("-9223372036854775808", .integer(.min)),
            ("-9223372036854775809", .integer(.min)),
            ("1.0", .number(1)),
            ("-0.0", .number(-0.0)),
            ("1e3", .number(1_000)),
            ("1E+3", .number(1_000)),
            ("125e-2", .number(1.25)),
            ("1e400", .number(.greatestFiniteMagnitude)),
            ("-1e400", .number(-.greatestFiniteMagnitude)),
            ("1e-400", .number(0)),
            (#""""#, .string("")),
            (#""a/b""#, .string("a/b")),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
            (#""x\u0000y\u00e9\u20AC""#, .string("x\0yé€")),
            (#""\ud83d\ude00\uDBFF\uDFFF""#, .string("😀\u{10FFFF}")),
            ("\"é€😀\u{7F}\u{FFFF}\"", .string("é€😀\u{7F}\u{FFFF}")),
            ("[]", .array([])),
            ("[ ]", .array([])),
            ("[1 , [] ,\"a\"]", .array([.integer(1), .array([]), .string("a")])),
            ("{}", .object(JSONObject([]))),
            (
                #" { "b" : [null] , "a" : {} } "#,
                .object(
                    JSONObject([("b", .array([.null])), ("a", .object(JSONObject([])))])
                )
            ),
        ] as [(String, JSONValue)]
    )
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(
        "What the grammar forbids is refused at the byte that is wrong",
        arguments: [
            ("", 0, "a value, found the end"),
            ("  ", 2, "a value, found the end"),
            ("1 2", 2, "nothing but white space"),
            ("{}x", 2, "nothing but white space"),
            ("1\u{0}", 1, "nothing but white space"),
            ("\u{FEFF}1", 0, "a value"),
            ("\u{A0}1", 0, "a value"),
            ("\u{B}1", 0, "a value"),
            ("// a\n1", 0, "a value"),
            ("/**/1", 0, "a value"),
            ("nul", 3, "the literal null, found the end"),
            ("trUe", 2, "the literal true"),
            ("False", 0, "a value"),
            ("truex", 4, "nothing but white space"),
            ("NaN", 0, "a value"),
            ("-Infinity", 1, "a digit"),
            ("01", 1, "no digit after a leading zero"),
            ("-01", 2, "no digit after a leading zero"),
            ("+1", 0, "a value"),
            (".5", 0, "a value"),
            ("-", 1, "a digit, found the end"),
            ("1.", 2, "a digit, found the end"),
            ("1.e3", 2, "a digit"),
            ("1e", 2, "a digit, found the end"),
            ("1e+", 3, "a digit, found the end"),
            ("0x10", 1, "nothing but white space"),
            ("1_000", 1, "nothing but white space"),
            ("[", 1, "a value, found the end"),
            ("[1,]", 3, "a value"),
            ("[,1]", 1, "a value"),
            ("[1 2]", 3, "',' or ']'"),
            ("[1", 2, "',' or ']' after an element, found the end"),
            ("[1}", 2, "',' or ']'"),
            ("{", 1, "a key in quotes, found the end"),
            ("{a:1}", 1, "a key in quotes"),
            ("{'a':1}", 1, "a key in quotes"),
            ("{1:1}", 1, "a key in quotes"),
            (#"{"a" 1}"#, 5, "':' after the key"),
            (#"{"a":}"#, 5, "a value"),
            (#"{"a":1,}"#, 7, "a key in quotes"),
            (#"{"a":1"b":2}"#, 6, "',' or '}'"),
            (#"{"a":1"#, 6, "',' or '}' after a member, found the end"),
            (#"""#, 1, "'\"' after the string, found the end"),
            (#""abc"#, 4, "'\"' after the string, found the end"),
            (#""abc\"#, 5, "after the backslash, found the end"),
            (#""a\x41""#, 3, "after the backslash"),
            (#""\U0041""#, 2, "after the backslash"),
            (#""\u12g4""#, 5, "a hexadecimal digit"),
            (#""\u12"#, 5, "a hexadecimal digit, found the end"),
            (#""\u12""#, 5, "a hexadecimal digit"),
            ("\"a\nb\"", 2, "an escape for a control character"),
            ("\"\u{0}\"", 1, "an escape for a control character"),
            ("\"\u{1F}\"", 1, "an escape for a control character"),
            (#""a\ud800""#, 2, "both halves"),
            (#""\udc00""#, 1, "both halves"),
            (#""\ud800\u0041""#, 1, "both halves"),
            (#""\ud800\ud800""#, 1, "both halves"),
            (#""\ud800\n""#, 1, "both halves"),
            (#""\udc00\ud800""#, 1, "both halves"),
            (#""\ud83d\ude0""#, 12, "a hexadecimal digit"),
        ] as [(String, Int, String)]
    )
    func refuses(text: String, offset: Int, what: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(error?.offset == offset)
        let reason = error?.reason ?? ""
        #expect(reason.contains(what), "\(reason)")
    }

    @Test(
        "Bytes that are not UTF-8 are refused at the first of the wrong character",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98, 0xC0], [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func refusesWrongUTF8(wrong: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let good = Array("é".utf8)
        let expected = JSONError(offset: 3, reason: "expected UTF-8")
        for tail in [[], good, Array(#"\n"#.utf8)] {
            #expect(throws: expected) {
                try JSONValue(parsing: [quote] + good + wrong + tail + [quote])
            }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [quote] + wrong) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: wrong) }
    }

    @Test("All of Unicode is read back, escaped and as it is")
    func readsEveryScalar() throws {
        for code in (0x20...0x10FFFF).lazy.filter({
            $0 < 0x3000 || $0 % 251 == 0 || $0 % 0x1000 >= 0xFFE
        }) {
            guard let scalar = Unicode.Scalar(UInt32(code)) else { continue }
            let hex = scalar.utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            let escaped = try JSONValue(parsing: Array("\"\(hex.joined())\"".utf8))
            #expect(escaped.string?.unicodeScalars.elementsEqual([scalar]) == true)
            guard scalar != "\"", scalar != "\\" else { continue }
            let plain = try JSONValue(parsing: Array("\"\(scalar)\"".utf8))
            #expect(plain.string?.unicodeScalars.elementsEqual([scalar]) == true)
        }
    }

    @Test(
        "64 arrays and objects may stand in one another, 65 may not",
        arguments: [("[", "]"), (#"{"a":"#, "}")]
    )
    func limitsDepth(open: String, close: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            let inner = open == "[" ? "" : "1"
            let opening = String(repeating: open, count: depth)
            return Array((opening + inner + String(repeating: close, count: depth)).utf8)
        }
        _ = try JSONValue(parsing: nested(64))
        let wide = "[" + String(repeating: "[],", count: 1_000) + "{}]"
        _ = try JSONValue(parsing: Array(wide.utf8))
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
        #expect(error?.offset == 64 * open.utf8.count)
        #expect(error?.reason == "expected at most 64 arrays and objects in one another")
        let bottomless = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: bottomless) }
    }

    @Test("Every beginning of a document is refused at its end")
    func refusesTruncation() throws {
        let whole = Array(#"{"a":["é\ud83d\ude00\n",-1.5e+3,true,null,{}]}"#.utf8)
        _ = try JSONValue(parsing: whole)
        for count in whole.indices {
            let error = #expect(throws: JSONError.self) {
                try JSONValue(parsing: Array(whole[..<count]))
            }
            #expect((error?.offset ?? .max) <= count)
        }
    }

    @Test("An array and a buffer are read alike")
    func readsBuffers() throws {
        let bytes = Array(#"{"a":[1]}"#.utf8)
        let value = JSONValue.object(JSONObject([("a", .array([.integer(1)]))]))
        #expect(try JSONValue(parsing: bytes) == value)
        #expect(try bytes.withUnsafeBytes { try JSONValue(parsing: $0) } == value)
        let part = (bytes + bytes).withUnsafeBytes { buffer in
            try? JSONValue(parsing: UnsafeRawBufferPointer(rebasing: buffer[bytes.count...]))
        }
        #expect(part == value)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(throws: JSONError.self) { try JSONValue(parsing: nothing) }
    }

    @Test("An error says what and where in one line")
    func describesErrors() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[1,]".utf8)) }
        #expect(error.map { "\($0)" } == "expected a value at byte 3")
    }

    @Test("A value is of its own type and of no other")
    func typedAccess() {
        let object = JSONObject([("a", .null)])
        let values: [JSONValue] = [
            .null, .bool(false), .integer(1), .number(1), .string("1"), .array([]), .object(object),
        ]
        #expect(values.map(\.bool) == [nil, false, nil, nil, nil, nil, nil])
        #expect(values.map(\.integer) == [nil, nil, 1, nil, nil, nil, nil])
        #expect(values.map(\.string) == [nil, nil, nil, nil, "1", nil, nil])
        #expect(values.map(\.array) == [nil, nil, nil, nil, nil, [], nil])
        #expect(values.map(\.object) == [nil, nil, nil, nil, nil, nil, object])
    }
}
