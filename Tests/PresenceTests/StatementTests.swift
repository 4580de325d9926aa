import Presence
import Testing

@Suite("Statements")
struct StatementTests {
    private func read(_ text: String) throws(Refusal) -> Statement {
        try Statement(reading: Array(text.utf8), longest: 1_024)
    }

    private func code(_ bytes: [UInt8]) -> ErrorCode? {
        do {
            _ = try Statement(reading: bytes, longest: 1_024)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("One word is a statement, whatever white space is around it")
    func words() throws {
        #expect(try read("online") == Statement(.online))
        #expect(try read(" \t\r\n away \n") == Statement(StatusWord(checked: "away")))
        #expect(try read("lost") == Statement(.lost))
    }

    @Test("An object is a statement")
    func objects() throws {
        #expect(try read("{}") == Statement(.online))
        #expect(
            try read(#" {"status":"away","ttl":120,"session":"7f3a","other":[null]} "#)
                == Statement(StatusWord(checked: "away"), ttl: 120, session: "7f3a")
        )
        #expect(try read(#"{"ttl":5}"#).ttl == 5)
        #expect(try read(#"{"ttl":86400}"#).ttl == 86_400)
        #expect(try read(#"{"session":"\#(String(repeating: "é", count: 32))"}"#).session != nil)
    }

    @Test("Words of things are understood, in an object, too")
    func habits() throws {
        #expect(try read(" ON\n") == Statement(.online))
        #expect(try read("Offline") == Statement(.offline))
        #expect(try read("0") == Statement(.lost))
        #expect(try read(#"{"status":"True","ttl":5}"#) == Statement(.online, ttl: 5))
        #expect(try read(#"{"status":"Disconnected"}"#) == Statement(.lost))
        #expect(try read(#"{"status":"A"}"#).status.text == "a")
    }

    @Test("The bridge's own mark and verdict are read back")
    func verdicts() throws {
        let verdict = Statement(.lost, cause: .ttl, by: "presence-bridge")
        #expect(
            String(decoding: verdict.payload, as: UTF8.self)
                == #"{"status":"lost","cause":"ttl","by":"presence-bridge"}"#
        )
        #expect(try Statement(reading: verdict.payload, longest: 1_024) == verdict)
        let full = Statement(.online, ttl: 60, session: "s", by: "b")
        #expect(
            String(decoding: full.payload, as: UTF8.self)
                == #"{"status":"online","ttl":60,"session":"s","by":"b"}"#
        )
        #expect(try Statement(reading: full.payload, longest: 1_024) == full)
    }

    @Test(
        "Anything else is refused with its code",
        arguments: [
            (" ", .invalidStatus), ("Out to lunch", .invalidStatus), ("on line", .invalidStatus),
            ("[]", .invalidStatus), (#""online""#, .invalidStatus), ("é", .invalidStatus),
            ("{", .malformedRequest), ("{}x", .malformedRequest), (" {] ", .malformedRequest),
            (#"{"status":null}"#, .malformedRequest), (#"{"status":1}"#, .malformedRequest),
            (#"{"ttl":"5"}"#, .malformedRequest), (#"{"ttl":5.0}"#, .malformedRequest),
            (#"{"ttl":null}"#, .malformedRequest), (#"{"session":1}"#, .malformedRequest),
            (#"{"session":null}"#, .malformedRequest),
            (#"{"status":""}"#, .invalidStatus), (#"{"status":"A."}"#, .invalidStatus),
            (#"{"state":"offline"}"#, .malformedRequest), (#"{"alive":false}"#, .malformedRequest),
            (#"{"by":"x","cause":"lost"}"#, .malformedRequest),
            (#"{"status":true}"#, .malformedRequest), (#"{"status":false}"#, .malformedRequest),
            (#"{"status":" online"}"#, .invalidStatus),
            (#"{"ttl":4}"#, .invalidExpiry), (#"{"ttl":86401}"#, .invalidExpiry),
            (#"{"ttl":-5}"#, .invalidExpiry), (#"{"ttl":99999999999999999999}"#, .invalidExpiry),
            (#"{"status":"A.","ttl":4}"#, .invalidExpiry),
            (#"{"status":"A.","ttl":4,"session":0}"#, .malformedRequest),
        ] as [(String, ErrorCode)]
    )
    func refused(_ text: String, _ wanted: ErrorCode) {
        #expect(code(Array(text.utf8)) == wanted)
    }

    @Test("A session of 65 bytes is malformed")
    func longSession() {
        let session = String(repeating: "x", count: 65)
        #expect(code(Array(#"{"session":"\#(session)"}"#.utf8)) == .malformedRequest)
    }

    @Test("What is not UTF-8 is malformed, as a word and in an object")
    func notText() {
        #expect(code([0xFF]) == .malformedRequest)
        #expect(
            code(Array(#"{"status":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8))
                == .malformedRequest
        )
    }

    @Test("1 KiB may be said and not a byte more, whatever it is")
    func size() {
        let word = Array("online".utf8)
        #expect(code(word + [UInt8](repeating: 0x20, count: 1_018)) == nil)
        #expect(code(word + [UInt8](repeating: 0x20, count: 1_019)) == .payloadTooLarge)
        #expect(code([UInt8](repeating: 0xFF, count: 1_025)) == .payloadTooLarge)
    }
}
