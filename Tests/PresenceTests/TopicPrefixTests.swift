import Presence
import Testing

@Suite("What all topics begin with")
struct TopicPrefixTests {
    @Test(
        "One or several levels are a prefix",
        arguments: [
            "presence", "a/b c/d", "a/$b", "pr\u{E9}sence", String(repeating: "x", count: 256),
        ]
    )
    func right(_ text: String) {
        #expect(TopicPrefix.fault(of: text) == nil)
    }

    @Test(
        "What is wrong is said",
        arguments: [
            ("", "has an empty level"), ("/a", "has an empty level"),
            ("a//b", "has an empty level"),
            ("a/+", "has a wildcard"), ("#\u{301}", "has a wildcard"),
            ("$SYS", "begins with '$', which is the broker's own"),
            ("a\u{7}", "has a character that brokers need not take"),
            ("a\u{85}", "has a character that brokers need not take"),
            ("a\u{FFFF}", "has a character that brokers need not take"),
            (String(repeating: "x", count: 257), "is too long with 257 bytes; 256 at most"),
        ]
    )
    func wrong(_ text: String, _ fault: String) {
        #expect(TopicPrefix.fault(of: text) == fault)
    }
}
