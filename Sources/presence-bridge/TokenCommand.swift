import ArgumentParser
import PresenceHTTP

/// `presence-bridge token`: makes a token for the HTTP side.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make a token for the HTTP side: print it, and its line for the file of tokens.",
        usage: "presence-bridge token NAME SCOPE...",
        discussion: """
            The scopes are read, write and metrics. The token is shown this once; the line
            for the file that http_tokens names has its hash alone. The bridge reads that
            file again with SIGHUP.
            """
    )

    @Argument(help: ArgumentHelp("What the token is called.", valueName: "NAME"))
    var name: String

    @Argument(
        help: ArgumentHelp("What it is good for.", valueName: "SCOPE"),
        completion: .list(Scope.allCases.map(\.rawValue))
    )
    var scopes: [String]

    func validate() throws {
        guard Token.isName(name) else {
            throw ValidationError("NAME has 1 to 64 letters, digits, '.', '_' and '-'")
        }
        for word in scopes where Scope(rawValue: word) == nil {
            let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(word)' is no scope; the scopes are \(known)")
        }
    }

    mutating func run() throws {
        let (secret, token) = Token.make(name, Set(scopes.compactMap(Scope.init)))
        Output.standard("token: \(secret)\nline:  \(token.line)\n")
    }
}
