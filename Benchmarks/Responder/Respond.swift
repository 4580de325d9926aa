import ArgumentParser

extension PresenceBench {
    /// The yardstick of the bridge, as a process of its own.
    struct Respond: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answers messages, and does nothing else: the yardstick of the bridge.",
            shouldDisplay: false
        )

        @Option var port: Int32
        @Option var duty: Responder.Duty
        @Option var size: Int

        func run() throws {
            try Responder(duty, answerSize: size).serve(port: port)
        }
    }
}

extension Responder.Duty: ExpressibleByArgument {}
