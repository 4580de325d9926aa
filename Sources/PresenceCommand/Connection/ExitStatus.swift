import PresenceClient

/// How a command that failed ends: a code for scripts, words for people.
struct ExitStatus: Hashable {
    enum Code: Int32 {
        case done = 0
        case refused = 1
        case wrongUsage = 2
        case noConnection = 3
        case noAnswer = 4
        case noOutput = 5
    }

    let code: Code
    let words: String

    /// What an error means; `nil` for one that is none of this program's.
    init?(_ error: any Error) {
        switch error {
        case is UsageError: code = .wrongUsage
        case is ConnectedClient.NoPassword: code = .noConnection
        case is TopCommand.NoMetrics: code = .noAnswer
        case is Output.Failure: code = .noOutput
        case let error as PresenceError: code = Self.code(of: error)
        default: return nil
        }
        words = "\(error)"
    }

    private static func code(of error: PresenceError) -> Code {
        switch error {
        case .refused: .refused
        case .invalidOption: .wrongUsage
        case .noAnswer, .unintelligible: .noAnswer
        case .notAuthorized, .notSubscribed, .connectionRefused, .cannotConnect, .notConnected:
            .noConnection
        }
    }
}
