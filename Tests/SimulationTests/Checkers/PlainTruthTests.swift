import Presence
import Simulation
import Testing

@Suite("The oracle of plain things")
struct PlainTruthTests {
    /// What StatusIsTruth says of a restart of the broker, the bridge having come 2 s after it and
    /// served 1 s later: the thing says its word after so many seconds, or not at all, and its status
    /// is shown in the end as online, or as offline.
    private func breaches(
        _ end: PlainTruth.End,
        back: Int64?,
        sendsWill: Bool = false,
        isShown: Bool,
        bridgeWasAway: Bool = true,
        isVouched: Bool = false
    ) -> [String] {
        var truth = Truth()
        let hear = { (truth: inout Truth, word: String, uptime: Int64) in
            truth.hear(Array(word.utf8), of: "bob", "d", isRetained: true, at: uptime)
        }
        truth.brokerStarted(at: 0)
        truth.served(epoch: 1, at: 1_000)
        hear(&truth, "online", 2_000)
        if sendsWill { hear(&truth, "lost", 50_000) }
        let keepsEnd = end == .inOrder || end == .killedWithoutBridge
        truth.brokerStarted(at: 100_000, keepsBridgesEnd: keepsEnd)
        let came: Int64? = bridgeWasAway ? 102_000 : nil
        truth.plain(
            PlainTruth(users: ["bob"], end: end, bridgeCame: came, isVouched: isVouched)
        )
        if let back { hear(&truth, "online", 100_000 + back * 1_000) }
        truth.served(epoch: 2, at: 103_000)
        let (online, unsure) = truth.devices(at: 200_000, maxDevices: 64)
        let status =
            isShown
            ? StatusSeen.online("bob", seq: 3) : StatusSeen.offline("bob", seq: 3, cause: "lost")
        return sentences(StatusIsTruth.self) { trace in
            trace.state("bob", "d", "online")
            trace.add(.rest(Rest(truth: online, unsure: unsure, statuses: ["bob": status])))
        }
    }

    private let overwritten = ["bob's d is online, and its status says not online"]
    private let ghost = ["bob's d is not online, and its status says online"]

    @Test(
        "Back before the bridge, a thing is online, but where the broker was killed with its old word",
        arguments: PlainTruth.End.allCases
    )
    func first(_ end: PlainTruth.End) {
        let counts = end != .killed
        #expect(breaches(end, back: 1, isShown: true) == (counts ? [] : ghost))
        #expect(breaches(end, back: 1, isShown: false) == (counts ? overwritten : []))
    }

    @Test("Back after the bridge, a thing is online", arguments: PlainTruth.End.allCases)
    func after(_ end: PlainTruth.End) {
        #expect(breaches(end, back: 4, isShown: true) == [])
        #expect(breaches(end, back: 4, isShown: false) == overwritten)
    }

    @Test("Of a thing that came at the same time as the bridge after a crash nothing is demanded")
    func together() {
        for isShown in [true, false] {
            let isAway = breaches(.killed, back: 2, isShown: isShown)
            #expect(isAway == [])
            #expect(breaches(.killed, back: 1, isShown: isShown, bridgeWasAway: false) == [])
        }
    }

    @Test(
        "With the plugin a thing that is back is online, however the broker ended and whoever was first",
        arguments: PlainTruth.End.allCases
    )
    func vouched(_ end: PlainTruth.End) {
        for (back, isAway) in [(1, true), (2, true), (4, true), (1, false)] as [(Int64, Bool)] {
            let says = { (isShown: Bool) in
                breaches(
                    end,
                    back: back,
                    isShown: isShown,
                    bridgeWasAway: isAway,
                    isVouched: true
                )
            }
            #expect(says(true) == [])
            #expect(says(false) == overwritten)
        }
        let mayBe = end == .inOrder || end == .killedWithoutBridge
        #expect(breaches(end, back: nil, isShown: true, isVouched: true) == (mayBe ? [] : ghost))
    }

    @Test("A thing that is not back is no ghost where its will was sent, or nothing was kept")
    func ghosts() {
        for end in PlainTruth.End.allCases {
            // In order the broker sends the will, if there is one.
            let mayBe = end == .inOrder || end == .killedWithoutBridge
            #expect(breaches(end, back: nil, isShown: true) == (mayBe ? [] : ghost))
            #expect(breaches(end, back: nil, isShown: false) == [])
            #expect(breaches(end, back: nil, sendsWill: true, isShown: true) == ghost)
        }
    }
}
