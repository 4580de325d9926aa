import Presence
import Testing

@Suite("Names")
struct NameTests {
    @Test(
        "A name is one topic level without wildcards and control characters",
        arguments: [
            "a", "alice", "Ålice", "a b", "a.b@c", "a$", "é", "😀", "\u{A0}", "\u{20}",
        ]
    )
    func accepts(_ text: String) {
        #expect(Name(user: text)?.text == text)
        #expect(Name(device: text)?.text == text)
    }

    @Test(
        "What breaks the rule is no name",
        arguments: [
            "", "/", "a/b", "+", "a+", "#", "a#b", "$", "$SYS", "\0", "a\n", "a\u{1F}",
            "\u{7F}", "a\u{80}", "\u{9F}b",
        ]
    )
    func refuses(_ text: String) {
        #expect(Name(user: text) == nil)
        #expect(Name(device: text) == nil)
    }

    @Test("A user name has 128 bytes at most and a device name 64")
    func lengths() {
        #expect(Name(user: String(repeating: "a", count: 128)) != nil)
        #expect(Name(user: String(repeating: "a", count: 129)) == nil)
        #expect(Name(user: String(repeating: "é", count: 64)) != nil)
        #expect(Name(user: String(repeating: "é", count: 65)) == nil)
        #expect(Name(device: String(repeating: "a", count: 64)) != nil)
        #expect(Name(device: String(repeating: "a", count: 65)) == nil)
        #expect(Name(device: String(repeating: "é", count: 33)) == nil)
    }

    @Test("Two spellings of one letter are two names")
    func comparesBytes() {
        let composed = Name(checked: "\u{E9}")
        let decomposed = Name(checked: "e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
    }

    @Test("Names sort by bytes")
    func sortsByBytes() {
        let sorted = ["b", "a", "B", "é", "ab", "~", "z", "\u{FFFF}", "\u{10000}"]
            .map { Name(checked: $0) }.sorted().map(\.text)
        #expect(sorted == ["B", "a", "ab", "b", "z", "~", "é", "\u{FFFF}", "\u{10000}"])
    }
}
