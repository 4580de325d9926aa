import Crowd
import Presence
import Testing

@Suite("What chaos would find")
struct DifferencesTests {
    private static func status(
        _ user: String,
        _ word: String,
        _ devices: [(String, String)],
        description: String = "",
        seq: Int = 7
    ) throws -> JSONValue {
        let list = devices.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",")
        let text =
            "{\"username\":\"\(user)\",\"online\":\(!devices.isEmpty),\"status\":\"\(word)\","
            + "\"description\":\"\(description)\",\"devices\":{\(list)},\"seq\":\(seq)}"
        return try JSONValue(parsing: Array(text.utf8))
    }

    /// Alice is there with two devices and some words, one of which nobody sees; bob has gone.
    private static var truth: Truth {
        var truth = Truth()
        truth.names = ["alice", "bob"]
        truth.devices["alice"] = ["a": "away", "b": "busy", "c": "invisible"]
        truth.descriptions["alice"] = "words"
        return truth
    }

    private static func right() throws -> RetainedState {
        var found = RetainedState()
        let devices = [("a", "away"), ("b", "busy")]
        found.statuses["alice"] = try status("alice", "busy", devices, description: "words")
        found.statuses["bob"] = try status("bob", "offline", [])
        found.devices["alice"] = [
            "a": "{\"status\":\"away\",\"by\":\"presence-bridge\"}", "b": "busy", "c": "invisible",
        ]
        found.devices["bob"] = ["old": "{\"status\":\"lost\",\"cause\":\"ttl\"}"]
        found.bridges["b1"] = try JSONValue(parsing: Array(#"{"state":"online"}"#.utf8))
        found.bridges["b2"] = try JSONValue(parsing: Array(#"{"state":"offline"}"#.utf8))
        return found
    }

    @Test("What is right has no differences")
    func none() throws {
        #expect(try Differences.between(Self.truth, Self.right()) == [])
    }

    @Test("A ghost, a lie, a lost description and a stray topic are found, each")
    func wrong() throws {
        let ghost = try Self.status("bob", "online", [("old", "online")])
        let lie = try Self.status("alice", "away", [("a", "away")], description: "words")
        let words = try Self.status("alice", "busy", [("a", "away"), ("b", "busy")])
        let changes: [(inout RetainedState) -> Void] = [
            { $0.statuses["bob"] = ghost },
            { $0.statuses["alice"] = lie },
            { $0.statuses["alice"] = words },
            { $0.statuses["alice"] = nil },
            { $0.devices["bob"]?["old"] = "online" },
            { $0.devices["alice"]?["a"] = "busy" },
            { $0.devices["alice"]?["b"] = nil },
            { $0.devices["alice"]?["litter"] = "lost" },
            { $0.devices["nobody"] = ["x": "lost"] },
            { $0.bridges["b1"] = nil },
            { $0.bridges["b3"] = $0.bridges["b1"] },
        ]
        for (number, change) in changes.enumerated() {
            var found = try Self.right()
            change(&found)
            #expect(Differences.between(Self.truth, found).count == 1, "change \(number)")
        }
    }

    @Test("A subscription that is lost, ends early, or outlives its end is found")
    func subscriptions() throws {
        func differences(_ expected: [String: Int64], _ list: String) throws -> Int {
            let answer = try JSONValue(parsing: Array("{\"subscriptions\":[\(list)]}".utf8))
            return Differences.inSubscriptions(of: "alice", expected, answer, now: 1_000).count
        }
        let bob = #"{"username":"bob","expires":2000}"#
        #expect(try differences(["bob": 2_000], bob) == 0)
        #expect(try differences(["bob": 1_990], bob) == 0)
        #expect(try differences(["bob": 900], "") == 0)
        #expect(try differences(["bob": 2_000], "") == 1)
        #expect(try differences([:], bob) == 1)
        #expect(try differences(["bob": 2_500], bob) == 1)
        #expect(try differences(["bob": 900], #"{"username":"bob","expires":900}"#) == 1)
    }

    @Test("A watcher that believes something else than is retained is found")
    func views() throws {
        var truth = Self.truth
        truth.subscriptions["bob"] = ["alice": 2_000]
        let found = try Self.right()
        let seen = try #require(found.statuses["alice"].flatMap { SeenStatus($0) })
        truth.views["bob"] = ["alice": seen]
        #expect(Differences.inViews(truth, found, now: 1_000) == [])
        truth.views["bob"]?["alice"]?.devices = ["b": "busy"]
        #expect(Differences.inViews(truth, found, now: 1_000).count == 1)
        truth.views["bob"] = [:]
        #expect(Differences.inViews(truth, found, now: 1_000).count == 1)
        // What has expired is nobody's promise any more.
        #expect(Differences.inViews(truth, found, now: 2_000) == [])
    }

    @Test("Every fault has its turn before one comes again, and the seed decides")
    func script() {
        var script = Script(seed: 5)
        var again = Script(seed: 5)
        var faults: [Fault] = []
        while faults.count < 10 * Fault.ofOneBridge.count {
            let steps = script.round(of: 2...5)
            #expect(steps.map(\.fault) == again.round(of: 2...5).map(\.fault))
            #expect(steps.count == 1 || !steps.contains(where: \.fault.isAlone))
            let (stops, loses) = (
                steps.contains(where: \.fault.stopsStore),
                steps.contains(where: \.fault.losesRetained)
            )
            #expect(!stops || !loses)
            faults += steps.map(\.fault)
        }
        for fault in Fault.ofOneBridge {
            #expect(faults.count { $0 == fault } >= 8, "\(fault)")
        }
    }
}
