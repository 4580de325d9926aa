/// The whole core over the real store: what devices publish, requests of every operation, topics
/// of every form, and what goes wrong around them.
public struct ServiceTarget: Target {
    /// See ``Target/name``.
    public let name = "service"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        Case(StepGrammar.steps(&dice).map(\.words))
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        do {
            var service = try Service()
            defer { reached.formUnion(service.reached) }
            for step in input.lines.compactMap(Step.init) {
                service.take(step)
                if !service.complaints.isEmpty { return service.complaints }
            }
            // What was stored must be enough to go on with.
            for step in [.store(works: true), .read, .restart, .pass(1_000)] as [Step] {
                service.take(step)
            }
            return service.complaints
        } catch {
            return ["no store in memory can be made: \(error)"]
        }
    }
}
