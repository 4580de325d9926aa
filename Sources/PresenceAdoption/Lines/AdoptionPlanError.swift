/// Everything that is wrong with the `adopt` lines.
public struct AdoptionPlanError: Error, Hashable, Sendable {
    /// What is wrong, by lines.
    public let problems: [AdoptionPlan.Problem]
}
