/// The rules that every history must keep.
package enum Checkers {
    /// One of each, with nothing seen.
    package static func all(_ limits: CheckedLimits) -> [any Checker] {
        [
            StatusIsTruth(limits), SeqNeverBack(limits), NothingAfterEnd(limits),
            EveryChangeTold(limits), AcknowledgedHolds(limits), DescriptionHolds(limits),
            LimitsHold(limits), OneAnswer(limits), QuietMeansQuiet(limits),
            EffectsAreBounded(limits), MemoryReturns(limits), StatusIsWhole(limits),
            SilentUntilServing(limits), TimeNeverBack(limits), ServesInTheEnd(limits),
            ShortestGivesWay(limits), RateHolds(limits), NoGraceOverWaiting(limits),
            CauseIsTrue(limits), WritesNothingElsewhere(limits), EveryChangeLogged(limits),
            WebhooksMissNothing(limits), OneTells(limits),
        ]
    }
}
