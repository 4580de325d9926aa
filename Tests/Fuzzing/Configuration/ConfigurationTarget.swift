import Foundation
import PresenceBridge

/// Configuration files, each line a line of the case; a line that begins with the word `env` or
/// `flag` is a variable or an argument.
public struct ConfigurationTarget: Target {
    /// See ``Target/name``.
    public let name = "configuration"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        Case((0..<dice.roll(1...5)).map { _ in ConfigurationGrammar.line(&dice) })
    }

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        do {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            return try judge(input, in: folder, &reached)
        } catch {
            return ["no file can be written: \(error)"]
        }
    }

    private func judge(
        _ input: Case,
        in folder: TemporaryFolder,
        _ reached: inout Set<String>
    ) throws -> [String] {
        try folder.write(Array("s3cret".utf8), to: "password")
        let origin = try origin(of: input, in: folder)
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(origin)
            reached.insert(configuration.sources.isEmpty ? "defaults" : "taken")
            return judge(configuration, in: folder)
        } catch {
            reached.insert("refused")
            return error.problems.flatMap { judge($0, origin) }
                + (error.problems.isEmpty ? ["it is refused for no reason"] : [])
        }
    }

    /// What the lines of a case are read from.
    private func origin(of input: Case, in folder: TemporaryFolder) throws -> Configuration.Origin {
        var origin = Configuration.Origin(file: folder.path("bridge.conf"))
        var file: [UInt8] = []
        for line in input.lines {
            switch line.first?.text {
            case "env":
                guard line.count > 2 else { continue }
                origin.environment["PRESENCE_BRIDGE_" + line[1].text] = line[2].text
            case "flag": origin.arguments += line.dropFirst().map(\.text)
            default:
                let text = line.joined(separator: [UInt8(ascii: " ")])
                file += text + [UInt8(ascii: "\n")]
            }
        }
        try folder.write(
            file.replacing(Array("FOLDER".utf8), with: folder.path.utf8),
            to: "bridge.conf"
        )
        return origin
    }

    /// A problem says where, and what is right; in one line.
    private func judge(
        _ problem: ConfigurationError.Problem,
        _ origin: Configuration.Origin
    ) -> [String] {
        var broken: [String] = []
        let file = origin.file ?? ""
        let places = ["environment", "flag", "default", file]
        let place = problem.place
        let isLine = place.hasPrefix(file + ":") && Int(place.dropFirst(file.utf8.count + 1)) != nil
        if !isLine, !places.contains(place), !place.hasPrefix("default (given ") {
            broken.append("a problem is at '\(place)'")
        }
        let words = [
            "allowed:", "--help", "did you mean", "write ", "needs ", "only once", "excludes",
            "is less than", "is more than", "not UTF-8", "cannot be read", "which",
        ]
        if !words.contains(where: problem.message.contains) {
            broken.append("a problem does not say what is right: \(problem)")
        }
        let isPlain = problem.description.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control
                && scalar.properties.generalCategory != .lineSeparator
                && scalar.properties.generalCategory != .paragraphSeparator
        }
        if !isPlain { broken.append("a problem is no line of text: \(problem)") }
        if problem.description.utf8.count > 2_000 {
            broken.append("a problem has \(problem.description.utf8.count) bytes")
        }
        return broken
    }

    /// What was taken is printed so that it is taken as the same again, and no password is shown.
    private func judge(_ configuration: Configuration, in folder: TemporaryFolder) -> [String] {
        var lines: [String] = []
        var environment: [String: String] = [:]
        for setting in Setting.all {
            switch configuration.source(of: setting) {
            case .byDefault, .implied: continue
            case .file, .environment, .flag: break
            }
            let settings = configuration.settings
            let value = setting.isSecret ? settings.broker.password : setting.show(settings)
            guard let value else { continue }
            // A password, and blanks around a value, may be such as no line of a file can hold.
            let ends = [value.utf8.first, value.utf8.last]
            if setting.isSecret || ends.contains(0x20) || ends.contains(0x09) {
                environment[setting.environmentName] = value
            } else {
                lines.append("\(setting.key) \(value)\n")
            }
        }
        do {
            try folder.write(Array(lines.joined().utf8), to: "again.conf")
            let again = try Configuration.load(
                .init(environment: environment, file: folder.path("again.conf"))
            )
            guard again.settings == configuration.settings else {
                return ["what was read is printed as something else: \(lines)"]
            }
        } catch {
            return ["what was read is printed as what is refused: \(error)"]
        }
        let rows = configuration.report.split(separator: "\n")
        let isWhole = rows.count == Setting.all.count
        return isWhole ? [] : ["the report has \(rows.count) lines"]
    }
}
