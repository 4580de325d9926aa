/// A seed whose run has shown a fault of the bridge, which is mended.
struct KeptSeed: Sendable, CustomStringConvertible {
    let seed: UInt64
    /// Whether the broker has the plugin.
    var hasPlugin = false
    /// Whether there are programs whose things are adopted.
    var adopts = false
    /// Whether an operator asks by another way than the broker.
    var operates = false
    /// Whether several bridges share a store.
    var shares = false
    /// What the bridge did wrong.
    let fault: String

    var description: String {
        let world =
            (hasPlugin ? " with the plugin" : "") + (adopts ? " with adopted things" : "")
            + (operates ? " with an operator" : "") + (shares ? " with a shared store" : "")
        return "\(seed)\(world): \(fault)"
    }

    static let all = [
        KeptSeed(
            seed: 157,
            fault: "took devices for gone that the broker had dropped when it asked for them alone"
        ),
        KeptSeed(
            seed: 170,
            fault: "took a will for an old connection's that came and went while it was away"
        ),
        KeptSeed(
            seed: 278,
            fault: "did not ask a device whose birth an old connection's will had hidden"
        ),
        KeptSeed(
            seed: 177,
            fault: "retained a status with seq 0 of a user who was forgotten while it was away"
        ),
        KeptSeed(
            seed: 1_143,
            fault: "dropped what was collected when a subscription gave way and began again"
        ),
        KeptSeed(
            seed: 1_357,
            fault: "let an old connection's will take the place of a statement held by the rate"
        ),
        KeptSeed(
            seed: 2_578,
            fault: "had more devices online than may be, after a start with an outdated store"
        ),
        KeptSeed(
            seed: 7_102,
            fault: "wrote over a word, and did not ask for it after its death a moment later"
        ),
        KeptSeed(
            seed: 20_090,
            fault: "took back a description from the broker that it had forgotten while cut off"
        ),
        KeptSeed(
            seed: 21_802,
            fault:
                "dropped what a known device said among others that were busy"
        ),
        KeptSeed(
            seed: 29_555,
            fault:
                "dropped what one of three devices said, since only two may wait"
        ),
        KeptSeed(
            seed: 33_205,
            fault: "took a will for an old connection's whose birth the rate had held back"
        ),
        KeptSeed(
            seed: 35_747,
            fault: "had a watcher wait for an interval after it was told nothing"
        ),
        KeptSeed(
            seed: 37_468,
            fault: "put back a word over garbage that hid a logout, and did not ask the device"
        ),
        KeptSeed(
            seed: 41_996,
            fault:
                "emptied the topic of a device whose word the broker had dropped"
        ),
        KeptSeed(
            seed: 46_638,
            fault: "believed an old word that it read before its own, newer one was written"
        ),
        KeptSeed(
            seed: 48_330,
            fault:
                "took a device for lost by its ttl whose word the broker had dropped"
        ),
        KeptSeed(
            seed: 59_581,
            fault: "let garbage take the place of a logout held by the rate"
        ),
        KeptSeed(
            seed: 63_101,
            fault: "looked for a birth that the broker had dropped only hours later"
        ),
        KeptSeed(
            seed: 67_061,
            fault: "wrote over a word what it had decided to write before it heard that word"
        ),
        KeptSeed(
            seed: 91_991,
            fault: "did not notice a restart of the broker, since the wall clock had been set back"
        ),
        KeptSeed(
            seed: 942_278,
            fault:
                "did not notice a restart after its own, since the clock had been set back before"
        ),
        KeptSeed(
            seed: 1_005_484,
            fault:
                "did not notice a restart after its own, since the clock had been set back before"
        ),
        KeptSeed(
            seed: 300_513,
            fault:
                "wrote what the rate had held back over a word that it had missed in a stall"
        ),
        KeptSeed(
            seed: 426_262,
            fault: "let an old connection's will take the place of an emptying held by the rate"
        ),
        KeptSeed(
            seed: 500_374,
            fault: "took what its last connection had left for a denial, and was online twice"
        ),
        KeptSeed(
            seed: 500_582,
            fault: "left a device in doubt whose word it read before its own had come back"
        ),
        KeptSeed(
            seed: 501_376,
            fault: "trusted a logout, read a second time after a restart, as a sign of presence"
        ),
        KeptSeed(
            seed: 520_726,
            fault: "did not ask an invisible device whose word an old connection's will had hidden"
        ),
        KeptSeed(
            seed: 829_986,
            fault: "wrote a word to a topic that was emptied in the same turn, and then believed it"
        ),
        KeptSeed(
            seed: 922_646,
            adopts: true,
            fault: "took a thing for asleep by what it had said before an earlier sleep"
        ),
        KeptSeed(
            seed: 922_867,
            adopts: true,
            fault: "left things online whose gateway was given up after a restart of the broker"
        ),
        KeptSeed(
            seed: 923_910,
            adopts: true,
            fault: "believed an old word of who was lost, since the broker had ended in order later"
        ),
        KeptSeed(
            seed: 1_010_532,
            adopts: true,
            fault: "doubted the end of a gateway that an audit found, since the broker was killed"
        ),
        KeptSeed(
            seed: 831_519,
            fault: "read everything again while it asked alone for what a cut reading had lacked"
        ),
        KeptSeed(
            seed: 833_884,
            fault: "began with a lower seq for who was forgotten, after the clock was set back"
        ),
        KeptSeed(
            seed: 838_416,
            fault: "believed an old word that it had written itself, of a device forgotten since"
        ),
        KeptSeed(
            seed: 6,
            adopts: true,
            fault: "had a thing online again at a start that had broken its promise"
        ),
        KeptSeed(
            seed: 5,
            adopts: true,
            fault: "counted a user's own devices and adopted ones apart"
        ),
        KeptSeed(
            seed: 32,
            adopts: true,
            fault: "had lamps online whose gateway had ended with the broker"
        ),
        KeptSeed(
            seed: 140,
            adopts: true,
            fault: "ended its subscription to a topic without wildcards with an audit of that"
        ),
        KeptSeed(
            seed: 191,
            adopts: true,
            fault: "lost a thing that slept over a restart of bridge and broker"
        ),
        KeptSeed(
            seed: 73,
            adopts: true,
            fault: "took what may have been an old copy for new at its next start"
        ),
        KeptSeed(
            seed: 840_468,
            hasPlugin: true,
            fault: "let a slice of the audit crowd out what it asked for alone, and missed that"
        ),
        KeptSeed(
            seed: 127,
            operates: true,
            fault: "told of an erased user twice in one message when it came back at once"
        ),
        KeptSeed(
            seed: 274,
            operates: true,
            fault: "told of an erased user whoever had watched everyone and did so no more"
        ),
        KeptSeed(
            seed: 5_233,
            hasPlugin: true,
            operates: true,
            fault: "took a topic that the broker had lost for newer than what an operator stated"
        ),
        KeptSeed(
            seed: 7_100_365,
            operates: true,
            fault: "told of an erased user twice in one message where a subscription ended, too"
        ),
        KeptSeed(
            seed: 270,
            shares: true,
            fault: "took a word that the rate held for newer than one that came while all was read"
        ),
        KeptSeed(
            seed: 357,
            shares: true,
            fault: "went on beside the owner that it had not heard of while nobody answered it"
        ),
        KeptSeed(
            seed: 36,
            operates: true,
            shares: true,
            fault:
                "took what the bridge before it had written to a device's topic for the device's word"
        ),
        KeptSeed(
            seed: 3_503,
            shares: true,
            fault: "took a copy from before its own first connection for what was said since"
        ),
        KeptSeed(
            seed: 6_333,
            shares: true,
            fault: "took an owner that stood still for dead while it could not ask the database"
        ),
    ]
}
