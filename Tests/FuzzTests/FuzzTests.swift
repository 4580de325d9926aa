import Fuzzing
import Presence
import Testing

@Suite("Fuzzing")
struct FuzzTests {
    /// How many inputs of each target a test run has time for.
    private static let counts = [
        "service": 100, "topics": 6_000, "configuration": 500, "store": 200, "journal": 300,
        "plugin": 3_000, "client": 3_000, "calls": 3_000,
    ]

    @Test("No mutated input breaks a rule", arguments: Targets.all.map(\.name))
    func seeds(_ name: String) throws {
        let target = try #require(Targets.all.first { $0.name == name })
        for seed in 0..<UInt64(Self.counts[name] ?? 0) {
            if let finding = target.finding(seed: seed) {
                Issue.record("\(finding)")
                return
            }
        }
    }

    /// What the inputs of each target must come to; else they are too mild or too wild.
    private static let places: [String: [String]] = [
        "service": ErrorCode.allCases.map(\.rawValue).filter { !deviceOnly.contains($0) }
            + deviceOnly.map { "device \($0)" } + ["malformed_request", "invalid_expiry"]
            + Request.Operation.allCases.map { "\($0) result" } + [
                "device malformed_request", "device invalid_expiry", "device payload_too_large",
                "announce", "event", "status", "status cleared", "device cleared",
                "device put right", "stray cleared", "log error", "log notice", "plugin asked",
            ],
        "topics": ["nothing", "misnamed", "device", "status", "request"],
        "configuration": ["taken", "refused", "defaults"],
        "plugin": [
            "come", "id taken", "taken over", "own word", "cleared", "online", "lost", "hello",
            "stated", "fan-out", "refused", "allowed",
        ],
        "client": [
            "status", "ended", "ended for everyone", "bridge", "several bridges", "catch up",
            "replaced",
            "round", "rate", "refused", "subscribed", "list", "never whole",
        ],
        "calls": [
            "no call", "malformed_request", "payload_too_large", "status", "erasure", "statement",
            "emptied", "get", "online", "publish", "subscribe", "unsubscribe", "subscriptions",
            "watchers",
        ],
        "journal": [
            "taken", "damaged", "broughtIn", "tornJournal", "damagedJournal", "leftOut",
        ],
        "store": ["taken", "damaged", "notADatabase", "newerVersion", "otherApplication"],
    ]

    private static let deviceOnly = ["invalid_status", "too_many_devices"]

    @Test("What is drawn comes everywhere", arguments: Targets.all.map(\.name))
    func reach(_ name: String) throws {
        let target = try #require(Targets.all.first { $0.name == name })
        var missing = Set(Self.places[name] ?? ["a list"])
        for seed in 0..<3_000 as Range<UInt64> where !missing.isEmpty {
            var reached: Set<String> = []
            _ = target.judge(target.input(seed: seed), reached: &reached)
            missing.subtract(reached)
        }
        #expect(missing == [])
    }
}
