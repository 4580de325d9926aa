import Presence
import Testing

@testable import PresenceBridge

@Suite("Did you mean")
struct SuggestionTests {
    private let keys = Setting.all.map(\.key)

    @Test(
        "A near miss finds its key",
        arguments: [
            ("prot", "port"), ("hots", "host"), ("MAX_DEVICES", "max_devices"),
            ("max-watcher", "max_watchers"), ("offline_gracee", "offline_grace"),
            ("loglevel", "log_level"), ("user_name", "username"), ("ca_file", "cafile"),
            ("webhook_secret", "webhook_secret_file"),
        ]
    )
    func near(word: String, key: String) {
        #expect(Suggestion.nearest(to: word, among: keys) == key)
    }

    @Test(
        "What is far finds none",
        arguments: ["", "x", "colour", "zzzzzzzz", "port_of_the_broker"]
    )
    func far(word: String) {
        #expect(Suggestion.nearest(to: word, among: keys) == nil)
    }

    @Test("Any key with one letter gone is found again")
    func oneLetterGone() {
        for key in keys {
            for index in key.indices {
                var word = key
                word.remove(at: index)
                guard !keys.contains(word) else {
                    continue
                }
                #expect(Suggestion.nearest(to: word, among: keys) == key)
            }
        }
    }
}
