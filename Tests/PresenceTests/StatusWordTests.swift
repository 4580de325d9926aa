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

    @Test("What things say is understood: upper case, and what they say by habit")
    func said() {
        for (text, word) in [
            ("online", "online"), ("Offline", "offline"), ("LOST", "lost"), ("BuSy", "busy"),
            ("A-Z_9", "a-z_9"), ("10", "10"), ("yes", "yes"), ("alive", "alive"),
        ] {
            #expect(StatusWord(said: text)?.text == word)
        }
        for text in ["1", "true", "on", "connected", "available"] {
            #expect(StatusWord(said: text) == .online)
            #expect(StatusWord(said: text.uppercased()) == .online)
        }
        for text in ["0", "false", "off", "disconnected", "unavailable", "dead"] {
            #expect(StatusWord(said: text) == .lost)
            #expect(StatusWord(said: text.uppercased()) == .lost)
        }
        for text in ["", "on line", "É", "ON\n", "\u{212A}", String(repeating: "Z", count: 33)] {
            #expect(StatusWord(said: text) == nil, "\(text)")
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
