import Presence
import Testing

@testable import PresenceCommand

@Suite("What others wrote")
struct DisplayTextTests {
    @Test(
        "Nothing that a terminal would obey gets through",
        arguments: [
            ("plain", "plain"),
            ("two\nlines\tand\r\na tab", "two lines and  a tab"),
            ("\u{1B}[31mred\u{7}", "\u{FFFD}[31mred\u{FFFD}"),
            ("\u{9B}2J\u{7F}", "\u{FFFD}2J\u{FFFD}"),
            ("\u{202E}back\u{2066}ward\u{2069}", "backward"),
            ("a\u{2028}b\u{85}c", "a b c"),
        ]
    )
    func safe(text: String, shown: String) {
        #expect(DisplayText.safe(text) == shown)
        let isTame = DisplayText.safe(text).unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        }
        #expect(isTame)
    }

    @Test("Letters, pictures and accents stay as they are")
    func kept() {
        for text in ["Zoë", "会議中です", "👍🏽", "👩‍💻", "שלום", "สวัสดี", "é"] {
            #expect(DisplayText.safe(text) == text)
        }
    }

    @Test("A letter carries a few marks and no tower of them")
    func marks() {
        let tower = "a" + String(repeating: "\u{301}", count: 500)
        #expect(DisplayText.safe(tower).unicodeScalars.count == 5)
    }

    @Test(
        "The width is that of a terminal",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("会議", 4), ("👍", 2), ("❤\u{FE0F}", 2),
            ("ｱ", 1), ("Ａ", 2), ("한글", 4), ("…", 1), ("●", 1),
        ]
    )
    func width(text: String, columns: Int) {
        #expect(DisplayText.width(text) == columns)
    }

    @Test(
        "What is too long is cut, and says so",
        arguments: [
            ("meeting", 7, "meeting"), ("meeting", 6, "meeti…"), ("meeting", 1, "…"),
            ("meeting", 0, ""), ("会議中", 6, "会議中"), ("会議中", 5, "会議…"), ("会議中", 4, "会…"),
        ]
    )
    func cut(text: String, columns: Int, shown: String) {
        #expect(DisplayText.cut(text, to: columns) == shown)
    }

    @Test("JSON shows a terminal no control characters, and is still the same")
    func json() throws {
        let line = JSONText.line { (json: inout JSONWriter) in
            json.string("a\u{9B}b\u{7F}\u{1B}\nc")
        }
        #expect(line == #""a\u009bb\u007f\u001b\nc""#)
    }
}
