import ArgumentParser
import Foundation
import PresenceBridge
import PresenceHTTP

/// `presence-bridge why`: asks the bridge that runs what is known of a user, and why it is as it is.
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Ask the bridge that runs why a user is online or offline.",
        usage: "presence-bridge why NAME [--token-file FILE] [--json] [--KEY VALUE ...]",
        discussion: """
            It asks over HTTP, where http_listen of the bridge's own configuration says, and needs
            a token with the scope read: out of a file, or in PRESENCE_TOKEN. It prints
            what the user shows and why, and of each device what it said and when, which graces
            run, and what is in doubt; with history_keep the last changes, too.

            It ends with 0 when there is an answer, with 1 when there is none, and with 2 for a
            mistake in its arguments or the configuration.
            """
    )

    @Option(help: ArgumentHelp("The user; as the first word it needs no flag.", valueName: "NAME"))
    var user: String

    @Flag(help: "Print the answer as it comes: JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "A file whose first line is a token with the scope read; without it PRESENCE_TOKEN.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var tokenFile: String?

    @OptionGroup
    var places: ConfigurationPlaces

    /// Takes the words of a command line behind `why`: the user may stand first by itself.
    static func parse(words: [String]) throws -> any ParsableCommand {
        let isBare = words.first.map { !$0.hasPrefix("-") } ?? false
        return try parseAsRoot((isBare ? ["--user"] : []) + words)
    }

    func validate() throws {
        try places.checkFlags(of: Self.self)
        guard !user.isEmpty else { throw ValidationError("NAME is empty") }
    }

    mutating func run() throws {
        let settings = try places.load().settings.http
        guard let listen = settings.listen, let address = ListenAddress(listen) else {
            throw ValidationError(
                "http_listen is not set, and without it no bridge can be asked: docs/http.md says how to set "
                    + "it and http_tokens; --config FILE or --http_listen ADDRESS names that of the bridge"
            )
        }
        if case .tcp(let host, 0) = address {
            throw ValidationError(
                "http_listen has the port 0, so the bridge has found one itself: its log says which; "
                    + "--http_listen \(host):PORT names it"
            )
        }
        let call = BridgeCall(to: address, token: try token())
        let answer: BridgeCall.Answer
        do throws(BridgeCall.Failure) {
            answer = try call.get("/v1/users/\(Self.encoded(user))/explanation")
        } catch {
            Output.error("\(error)\n")
            throw ExitCode.failure
        }
        try print(answer)
    }
}

extension WhyCommand {
    private func token() throws -> String {
        if let tokenFile {
            do throws(PasswordFile.Failure) {
                return Self.secret(in: try PasswordFile.read(tokenFile))
            } catch {
                throw ValidationError("--token-file: \(error)")
            }
        }
        let given = ProcessInfo.processInfo.environment["PRESENCE_TOKEN"]
        guard let given, !given.isEmpty else {
            throw ValidationError(
                "a token is needed: --token-file FILE, or PRESENCE_TOKEN in the environment; "
                    + "'presence-bridge token NAME read' makes one"
            )
        }
        return Self.secret(in: given)
    }

    /// The token in a line, which may be the one that `presence-bridge token` has printed.
    private static func secret(in line: String) -> String {
        let text = line.hasPrefix("token:") ? line.dropFirst(6) : line[...]
        return text.trimmingCharacters(in: .whitespaces)
    }

    private static func encoded(_ name: String) -> String {
        name.utf8.map { byte -> String in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII, character.isLetter || character.isNumber { return "\(character)" }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func print(_ answer: BridgeCall.Answer) throws(ExitCode) {
        guard answer.status == 200 else {
            Output.error("\(answer.refusal)\n")
            throw .failure
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        guard !json else { return Output.standard(text + "\n") }
        guard let explanation = Explanation(answer.body, stamp: Output.stamp) else {
            Output.error("the answer cannot be read: is it a bridge of another version?\n\(text)\n")
            throw .failure
        }
        Output.standard(explanation.lines.map { $0 + "\n" }.joined())
    }
}
