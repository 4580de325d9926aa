import PresenceClient

/// How a command that failed ends: a code for scripts, words for people.
struct Outcome: Hashable {
    /// The codes, as `presence --help` has them.
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
        case let error as UsageError:
            code = .wrongUsage
            words = error.description
        case let error as NoPassword:
            code = .noConnection
            words = error.description
        case let error as NoWord:
            code = .noAnswer
            words = error.description
        case let error as Output.Failure:
            code = .noOutput
            words = error.description
        case let error as PresenceError:
            code = Self.code(of: error)
            words = error.description
        default: return nil
        }
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

/// The broker wants a password, and none was given.
struct NoPassword: Error, CustomStringConvertible {
    let username: String

    var description: String {
        "the broker did not let \(username) in, and no password was given: set PRESENCE_PASSWORD, or "
            + "write 'password WORD' into ~/.config/presence.conf"
    }
}

/// Nothing came that should have come by itself.
struct NoWord: Error, CustomStringConvertible {
    let description: String
}
