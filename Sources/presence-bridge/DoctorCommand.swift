import ArgumentParser
import Foundation
import PresenceBridge

/// `presence-bridge doctor`: looks for what people get wrong.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with the broker, its rights and the bridge's files.",
        usage: "presence-bridge doctor [--config FILE] [--KEY VALUE ...] [--json]",
        discussion: """
            It takes the bridge's own configuration, and can run beside a bridge that
            serves: it leaves nothing behind, changes no file, and no bridge takes its
            messages for anything. A line each: ✓ is right, ✗ is wrong, and behind the arrow stands
            the line to add, and to which file; – could not be told, or was not tried.

            It ends with 0 when nothing is wrong, with 1 when something is, and with 2 for
            a mistake in its arguments or the configuration.
            """
    )

    @Flag(help: "Print an array of objects: check, outcome, words, file, line.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "A user whose rights are tried, best one that is nobody's.",
            valueName: "NAME"
        )
    )
    var user: String?

    @Option(
        help: ArgumentHelp("A file whose first line is the user's password.", valueName: "FILE"),
        completion: .file()
    )
    var userPasswordFile: String?

    @Option(
        help: ArgumentHelp(
            "Another user, on whose topics the first must not write.",
            valueName: "NAME"
        )
    )
    var other: String?

    @Option(
        help: ArgumentHelp(
            "How many messages the broker must hold for a client that does not read; 5000 where "
                + "no bridge serves, and not tried where one does.",
            valueName: "N"
        )
    )
    var queue: Int?

    @Option(
        help: ArgumentHelp(
            "The broker's own mosquitto.conf, to look up what no client can find out.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var brokerConfig: String?

    @OptionGroup
    var places: ConfigurationPlaces

    func validate() throws {
        try places.checkFlags(of: Self.self)
        for (flag, name) in [("--user", user), ("--other", other)] {
            if let name, !Doctor.isUser(name) {
                throw ValidationError("\(flag) is '\(name)', which is no name of a user")
            }
        }
        if userPasswordFile != nil || other != nil, user == nil {
            throw ValidationError("--user-password-file and --other need --user NAME")
        }
        if user != nil, user == other {
            throw ValidationError("--other is the same as --user")
        }
        if let brokerConfig, !FileManager.default.isReadableFile(atPath: brokerConfig) {
            throw ValidationError("--broker-config: '\(brokerConfig)' cannot be read")
        }
        if let queue, !Doctor.queues.contains(queue) {
            throw ValidationError(
                "--queue is \(queue); it can be \(Doctor.queues.lowerBound) to "
                    + "\(Doctor.queues.upperBound)"
            )
        }
    }

    mutating func run() throws {
        let configuration = try places.load()
        var options = Doctor.Options()
        options.user = user
        if let userPasswordFile {
            do throws(PasswordFile.Failure) {
                options.password = try PasswordFile.read(userPasswordFile)
            } catch {
                throw ValidationError("--user-password-file: \(error)")
            }
        }
        options.other = other
        options.queue = queue
        options.brokerFile = brokerConfig
        // A broker that goes away while it is written to must not take the command with it.
        signal(SIGPIPE, SIG_IGN)
        let doctor = Doctor(configuration, options)
        let isJSON = json
        let findings = doctor.examine { finding in
            if !isJSON { Output.standard(finding.line + "\n") }
        }
        let wrong = findings.count { $0.outcome == .wrong }
        if isJSON {
            Output.standard(Finding.json(findings) + "\n")
        } else {
            Output.standard(wrong == 0 ? "nothing is wrong\n" : "\(wrong) wrong\n")
        }
        if wrong > 0 { throw ExitCode.failure }
    }
}
