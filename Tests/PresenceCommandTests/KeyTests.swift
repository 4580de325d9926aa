import Testing

@testable import PresenceCommand

@Suite("Keys")
struct KeyTests {
    private func keys(_ parts: String...) -> [Key] {
        var reader = KeyReader()
        return parts.flatMap { reader.read(Array($0.utf8)) }
    }

    @Test("Letters, controls, and what terminals send for arrows")
    func names() {
        #expect(keys("q?") == [.text("q"), .text("?")])
        #expect(keys("\u{1B}[A\u{1B}[B\u{1B}OA") == [.up, .down, .up])
        #expect(keys("\u{1B}[5~\u{1B}[6~\u{1B}[H\u{1B}[4~") == [.pageUp, .pageDown, .home, .end])
        #expect(keys("\u{1B}") == [.escape])
        #expect(keys("\u{1B}/") == [.escape, .text("/")])
        #expect(keys("\r\u{7F}\u{8}\t\u{3}") == [.enter, .backspace, .backspace])
        // What nobody knows is none, and takes nothing else with it.
        #expect(keys("\u{1B}[1;5Cx\u{1B}[") == [.text("x")])
    }

    @Test("A letter of several bytes comes whole, however it is read")
    func letters() {
        var reader = KeyReader()
        let bytes = Array("é漢😀".utf8)
        #expect(bytes.flatMap { reader.read([$0]) } == [.text("é"), .text("漢"), .text("😀")])
        #expect(reader.read([0xFF, 0x80, 0x61, 0x62, 0x63]).last == .text("c"))
    }
}
