/// A seed whose run has shown a fault of the bridge, which is mended.
struct KeptSeed: Sendable, CustomStringConvertible {
    let seed: UInt64
    /// What the bridge did wrong.
    let fault: String

    var description: String { "\(seed): \(fault)" }

    static let all = [
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
    ]
}
