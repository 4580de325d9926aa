/// How far the receiver of a webhook is in the change log.
///
/// Its ids never fall, and each is at least as high as the one before it: ``taken``, ``held``, ``passed``,
/// ``condensed``.
public struct WebhookPosition: Hashable, Sendable {
    /// What the webhook is known by.
    public let url: String
    /// The receiver has taken everything through this id that is for it.
    public private(set) var taken: Int64
    /// What follows through this id was sent already, and may have arrived: nothing of it is left out.
    public private(set) var held: Int64
    /// What follows ``held`` through this id is skipped.
    public private(set) var passed: Int64
    /// Of what follows ``passed`` through this id each user's newest change alone is told.
    public private(set) var condensed: Int64
    /// How many changes were skipped, and not said to be in a batch that the receiver has taken.
    public private(set) var skipped: Int64

    /// A webhook whose receiver has everything through an id.
    public init(_ url: String, taken: Int64) {
        self.url = url
        (self.taken, held, passed, condensed) = (taken, taken, taken, taken)
        skipped = 0
    }

    /// A position as it was stored; `nil` where its ids do not rise, or less than nothing was skipped.
    public init?(
        _ url: String,
        taken: Int64,
        held: Int64,
        passed: Int64,
        condensed: Int64,
        skipped: Int64
    ) {
        guard taken >= 0, held >= taken, passed >= held, condensed >= passed, skipped >= 0 else {
            return nil
        }
        self.url = url
        (self.taken, self.held, self.passed, self.condensed) = (taken, held, passed, condensed)
        self.skipped = skipped
    }

    /// What follows what was taken is on its way, through an id.
    public mutating func hold(through id: Int64) {
        held = max(held, id)
        passed = max(passed, held)
        condensed = max(condensed, passed)
    }

    /// The receiver has taken everything through an id, and was told that so many changes were skipped.
    public mutating func take(through id: Int64, saidToBeSkipped said: Int64 = 0) {
        hold(through: id)
        taken = max(taken, id)
        skipped -= min(skipped, max(0, said))
    }

    /// Leaves changes out, so many: through one id all, and through another all but each user's newest.
    public mutating func skip(_ count: Int64, passing id: Int64, condensingThrough end: Int64) {
        passed = max(passed, id)
        condensed = max(condensed, passed, end)
        let (sum, overflow) = skipped.addingReportingOverflow(max(0, count))
        skipped = overflow ? .max : sum
    }
}
