import Presence
import Testing

/// Payloads are read where they lie; what has escapes is to mean the same as without them.
@Suite("Reading in place")
struct InPlaceTests {
    private func statement(_ text: String) throws(Refusal) -> Statement {
        try Statement(reading: Array(text.utf8), longest: 1_024)
    }

    private func request(
        _ operation: Request.Operation,
        _ text: String
    ) throws(Refusal) -> Request {
        try Request(operation, reading: RequestMembers(readingPayload: Array(text.utf8)))
    }

    @Test("Escapes in keys, words and sessions of statements are resolved")
    func statements() throws {
        #expect(
            try statement(#"{"st\u0061tus":"\u0061way","s\u0065ssion":"a\"\\b\né"}"#)
                == Statement(StatusWord(checked: "away"), session: "a\"\\b\né")
        )
        #expect(try statement(#"{"status":"\u004FN"}"#) == Statement(.online))
        #expect(try statement(#"{"status":"c\u006fffee"}"#).status.text == "coffee")
        #expect(throws: Refusal.self) { try statement(#"{"status":"a\u0020b"}"#) }
        let long = String(repeating: #"\u0061"#, count: 64)
        #expect(try statement(#"{"session":"\#(long)"}"#).session?.utf8.count == 64)
        #expect(throws: Refusal.self) { try statement(#"{"session":"\#(long)a"}"#) }
        #expect(
            try statement(#"{"status":"lost","cause":"t\u0074l","by":"b\u0069"}"#)
                == Statement(.lost, cause: .ttl, by: "bi")
        )
    }

    @Test("Of a key that stands twice the last value holds, whatever its type")
    func repeated() throws {
        #expect(try statement(#"{"ttl":"x","ttl":5}"#).ttl == 5)
        #expect(throws: Refusal.self) { try statement(#"{"ttl":5,"ttl":"x"}"#) }
        #expect(
            try request(.get, #"{"usernames":1,"brief":1,"usernames":["a"],"brief":false}"#)
                == .get(["a"])
        )
    }

    @Test("A name that is written twice stands once, at its first place", arguments: [3, 40, 200])
    func usernames(_ count: Int) throws {
        let names = (0..<count).map { "name-\($0)" }
        let repeated = (names + ["name-1", "name-2"] + names).map { "\"\($0)\"" }
        let payload = #"{"usernames":[ \#(repeated.joined(separator: " , ")) ]}"#
        #expect(try request(.get, payload) == .get(names))
        let spellings = #"{"usernames":["é","e\u0301","\u00e9"]}"#
        #expect(try request(.get, spellings) == .get(["é", "e\u{301}"]))
    }

    @Test(
        "An array of anything but texts is refused",
        arguments: ["[1]", #"["a",1]"#, #"[["a"]]"#, "{}", "null", #""a""#, "[]"]
    )
    func noTexts(_ value: String) {
        #expect(throws: Refusal.self) { try request(.get, #"{"usernames":\#(value)}"#) }
    }

    @Test("A text is written and read the same, wherever in it something needs an escape")
    func everyPlace() throws {
        for special in ["\"", "\\", "\n", "\u{1F}", "\u{0}", "é", "\u{7F}", "\u{20}"] {
            for count in 0...20 {
                for place in 0...count {
                    let text =
                        String(repeating: "a", count: place) + special
                        + String(repeating: "a", count: count - place)
                    var writer = JSONWriter(reserving: 0)
                    writer.string(text)
                    #expect(try JSONValue(parsing: writer.bytes) == .string(text))
                    let status = UserStatus(
                        username: Name(checked: "a\"b"),
                        description: text,
                        devices: [DeviceStatus(name: Name(checked: "\\"), status: .online)],
                        since: 1,
                        updated: 2,
                        seq: .max >> 12
                    )
                    let read = UserStatus(reading: status.payload, of: status.username)
                    #expect(read == status)
                }
            }
        }
    }

    @Test("An integer is read back as it was written")
    func integers() throws {
        var value: Int64 = 1
        for _ in 0..<19 {
            for near in [value - 1, value, value + 1, -value, 1 - value] {
                var writer = JSONWriter(reserving: 0)
                writer.integer(near)
                #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(near)")
                #expect(try JSONValue(parsing: writer.bytes) == .integer(near))
            }
            value = value.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    @Test("Usual words and others are texts again, and equal by them")
    func words() {
        let words = [
            "online", "offline", "lost", "invisible", "busy", "dnd", "away", "idle", "xa",
            "sleeping", "coffee", "On", "onlin", "online-",
        ]
        for (place, text) in words.enumerated() {
            #expect(StatusWord(checked: text).text == text)
            for (other, word) in words.enumerated() {
                #expect(
                    (StatusWord(checked: text) == StatusWord(checked: word)) == (place == other)
                )
            }
        }
        #expect(StatusWord(said: "ONLINE") == .online)
        #expect(StatusWord(said: "away") == StatusWord("away"))
    }
}
