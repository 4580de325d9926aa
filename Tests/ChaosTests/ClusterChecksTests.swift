import Crowd
import Presence
import Testing

/// The checks of bridges that share a database, on what they must let pass and what they must catch.
@Suite("What chaos among several bridges would find")
struct ClusterChecksTests {
    private static func state(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    private static func online(_ started: Int) throws -> JSONValue {
        try state(#"{"state":"online","started":\#(started),"epoch":1,"grace":4}"#)
    }

    private static let words = """
        {"bridges":[{"id":"b1","state":"silent"},{"id":"b1","state":"stands by"},\
        {"id":"b2","state":"serves"},{"id":"b3","state":"stands by"}],\
        "shards":[{"shard":0,"owner":"b2","term":7}]}
        """

    private static func differences(
        _ words: String = words,
        serving: [String] = ["b2"]
    ) throws -> [String] {
        var found = RetainedState()
        for id in serving { found.bridges[id] = try online(1) }
        found.bridges["b3"] = try found.bridges["b3"] ?? state(#"{"state":"offline"}"#)
        return Differences.inCluster(try ClusterState(words), found, of: ["b1", "b2", "b3"])
    }

    @Test("One that serves and two that stand by are right, whatever a killed process has left")
    func right() throws { #expect(try Self.differences() == []) }

    @Test("Two that serve, none, the wrong one at the broker, and one that is missing are found")
    func wrong() throws {
        #expect(try Self.differences(serving: []).count == 1)
        #expect(try Self.differences(serving: ["b1"]).count == 1)
        #expect(try Self.differences(serving: ["b2", "b3"]).count == 1)
        for (before, after) in [
            (#""b3","state":"stands by""#, #""b3","state":"serves""#),
            (#""b2","state":"serves""#, #""b2","state":"begins""#),
            (#""b3","state":"stands by""#, #""b3","state":"silent""#),
            (#""owner":"b2""#, #""owner":"b1""#),
            (#""owner":"b2""#, #""owner":null"#),
        ] {
            #expect(Self.words.contains(before))
            let words = Self.words.split(separator: before).joined(separator: after)
            #expect(try !Self.differences(words).isEmpty, "\(after)")
        }
    }

    @Test("Another process serves once it has said so, and not by an old copy of that")
    func tenures() throws {
        var tenures = Tenures()
        let offline = try Self.state(#"{"state":"offline"}"#)
        #expect(tenures.current == nil)
        tenures.hear(try Self.online(1), of: "b1", at: .now)
        #expect(tenures.current?.bridge == "b1")
        tenures.hear(offline, of: "b1", at: .now)
        #expect(tenures.current == nil)
        tenures.hear(try Self.online(1), of: "b2", at: .now)
        // The broker comes back with what it had saved before.
        tenures.hear(try Self.online(1), of: "b1", at: .now)
        #expect(tenures.current?.bridge == "b2")
        #expect(tenures.all.count == 2)
        tenures.hear(try Self.online(2), of: "b1", at: .now)
        #expect(tenures.all.map(\.bridge) == ["b1", "b2", "b1"])
    }

    @Test("Two statuses under one seq are found, and the same one twice is none")
    func history() throws {
        var history = StatusHistory()
        let online = try Self.state(#"{"username":"bob","status":"online","seq":7}"#)
        let away = try Self.state(#"{"username":"bob","status":"away","seq":7}"#)
        let later = try Self.state(#"{"username":"bob","status":"away","seq":8}"#)
        for status in [online, later, online] { #expect(history.hear(status, of: "bob") == nil) }
        #expect(history.hear(away, of: "carol") == nil)
        #expect(history.count == 3)
        #expect(history.hear(away, of: "bob") != nil)
        #expect(history.hear(.null, of: "bob") != nil)
    }

    @Test("Who is told that a device has gone is told a lie where that has been there for long")
    func lies() throws {
        let now = ContinuousClock.now
        let text =
            #"{"username":"bob","status":"online","devices":{"d0":"online"},"seq":7}"#
        let told = try #require(SeenStatus(try Self.state(text)))
        let long = now - .seconds(60)
        func lies(_ there: [String: ContinuousClock.Instant]) -> Int {
            RandomWalk.lies(in: told, whereThere: there, at: now).count
        }
        #expect(lies(["d0": long]) == 0)
        #expect(lies(["d0": long, "d1": now - .seconds(5)]) == 0)
        #expect(lies(["d0": long, "d1": long]) == 1)
    }

    @Test("Every fault among several bridges has its turn before one comes again")
    func script() {
        var script = Script(seed: 5, kinds: Fault.ofCluster)
        var faults: [Fault] = []
        while faults.count < 10 * Fault.ofCluster.count {
            faults += script.round(of: 2...5).map(\.fault)
        }
        for fault in Fault.ofCluster {
            #expect(faults.count { $0 == fault } >= 8, "\(fault)")
        }
        #expect(Set(Fault.ofOneBridge + Fault.ofCluster + [.heardLate]) == Set(Fault.allCases))
    }
}
