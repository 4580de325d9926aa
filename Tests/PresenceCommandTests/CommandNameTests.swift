import Testing

@testable import PresenceCommand

@Suite("Words that are misspelled")
struct CommandNameTests {
    private let commands = ["watch", "get", "online", "set", "say", "subscribe", "top"]

    private func words(_ arguments: String...) -> String? {
        do {
            try CommandName.check(arguments, among: commands)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("A command that there is, a flag, help and nothing at all are let through")
    func right() {
        #expect(words() == nil)
        #expect(words("watch", "wach") == nil)
        #expect(words("--version") == nil && words("-h") == nil)
        #expect(words("help") == nil && words("help", "get") == nil)
        #expect(words("help", "--help") == nil && words("help", "help") == nil)
    }

    @Test("Another one is named with what may be meant, and with all that there are")
    func wrong() {
        let all = "There are watch, get, online, set, say, subscribe, top; presence help says more."
        let near = [("wach", "watch"), ("subscrbie", "subscribe"), ("hlep", "help")]
        for (word, meant) in near {
            let said = words(word, "bob")
            #expect(said == "there is no command '\(word)'; did you mean '\(meant)'? \(all)")
        }
        #expect(words("zzz") == "there is no command 'zzz'. \(all)")
        #expect(words("help", "nosuch") == "there is no command 'nosuch'. \(all)")
    }

    @Test("A guess at a flag that is far from what was typed is left out")
    func guess() {
        let far = "Error: Unknown option '--fro'. Did you mean '--json'?\nUsage: presence get"
        let cured = CommandName.withoutFarGuess(far)
        #expect(cured == "Error: Unknown option '--fro'.\nUsage: presence get")
        let near = "Error: Unknown option '--jsno'. Did you mean '--json'?\nUsage: x 'y'"
        #expect(CommandName.withoutFarGuess(near) == near)
        let other = "Error: Missing expected argument '<name> ...'"
        #expect(CommandName.withoutFarGuess(other) == other)
    }
}
