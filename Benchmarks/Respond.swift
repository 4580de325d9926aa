import ArgumentParser

extension PresenceBench {
    /// The yardstick of the bridge: a client that does nothing but answer.
    struct Respond: ParsableCommand {
        static let configuration = CommandConfiguration(shouldDisplay: false)
    }
}
