import Presence
import Testing

@Suite("Status words")
struct StatusWordTests {
    @Test("A word is 1 to 32 characters out of a-z 0-9 _ -")
    func form() {
        for text in ["a", "online", "at_lunch", "x-9", "0", String(repeating: "z", count: 32)] {
            #expect(StatusWord(text)?.text == text)
        }
        for text in [
            "", "Online", "on line", "é", "a.b", "a\n", "a\0", String(repeating: "z", count: 33),
        ] {
            #expect(StatusWord(text) == nil, "\(text)")
        }
    }

    @Test("Only offline, lost and invisible are not online")
    func isOnline() {
        for text in ["online", "away", "busy", "dnd", "coffee", "offline-soon"] {
            #expect(StatusWord(text)?.isOnline == true)
        }
        for word in [StatusWord.offline, .lost, .invisible] {
            #expect(!word.isOnline)
        }
    }

    @Test("busy and dnd rank first; away, idle, xa and sleeping last")
    func rank() {
        let ranks = ["busy", "dnd", "online", "coffee", "away", "idle", "xa", "sleeping"]
            .compactMap { StatusWord($0)?.rank }
        #expect(ranks == [0, 0, 1, 1, 2, 2, 2, 2])
    }
}
