import Foundation
import Testing

/// Reads the sources of the core: each machine has private state, and knows neither the core nor
/// another machine.
@Suite("The walls between the core's machines")
struct WallTests {
    /// Each machine, its folder, and the types that are parts of it alone.
    private static let machines: [(name: String, folder: String, parts: [String])] = [
        ("Names", "Names", []),
        (
            "Devices", "Devices",
            ["DeviceRoster", "DeviceTable", "Corrections", "MisnamedTopics", "Suspects"]
        ),
        ("Users", "Users", ["User", "UserTable", "Touch", "TooLong"]),
        ("Broker", "Broker", ["Readings", "Rereading", "Audit", "Witness", "BrokerWatch"]),
        ("Watching", "Watching", ["Subscriptions", "Delivery", "Outbox", "FanOut"]),
        ("Requests", "Requests", ["Cursors", "AnswerWay"]),
        ("UnsavedRows", "Store", []),
    ]

    /// The files that are the core itself: they may name every machine.
    private static let parent = [
        "PresenceCore.swift", "PresenceCore+Turn.swift", "PresenceCore+Requests.swift",
        "Turn.swift",
    ]

    private struct Source {
        var path: String
        var lines: [String]
        var folder: String { path.contains("/") ? String(path.prefix { $0 != "/" }) : "" }

        /// The words of the code, line by line, without comments and texts.
        var words: [Set<Substring>] { lines.map { Source.words(of: $0) } }

        static func words(of line: String) -> Set<Substring> {
            var code = ""
            var isText = false
            var before: Character = " "
            for character in line {
                if character == "/", before == "/", !isText { break }
                if character == "\"", before != "\\" { isText.toggle() }
                code.append(isText ? " " : character)
                before = character
            }
            return Set(code.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
        }
    }

    private let sources: [Source]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/PresenceCore")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        sources = try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            return Source(path: path, lines: text.components(separatedBy: "\n"))
        }
        #expect(sources.count > 40, "the sources are read")
    }

    @Test("Nobody extends the core outside its own files, and no machine names it")
    func parent() {
        for source in sources where !Self.parent.contains(source.path) {
            for (number, words) in source.words.enumerated() where words.contains("PresenceCore") {
                Issue.record("\(source.path):\(number + 1) names PresenceCore")
            }
        }
    }

    @Test("No machine names another, or what another is made of")
    func siblings() {
        for machine in Self.machines {
            let names = [machine.name] + machine.parts
            for source in sources
            where source.folder != machine.folder && !Self.parent.contains(source.path) {
                for (number, words) in source.words.enumerated() {
                    for name in names where words.contains(Substring(name)) {
                        Issue.record("\(source.path):\(number + 1) names \(name)")
                    }
                }
            }
        }
    }

    @Test("What a machine knows is private, or can be read alone")
    func privateState() throws {
        for machine in Self.machines {
            let path = "\(machine.folder)/\(machine.name).swift"
            let source = try #require(sources.first { $0.path == path }, "\(path)")
            var isWithin = false
            for (number, line) in source.lines.enumerated() {
                if line.hasPrefix("struct \(machine.name)") { isWithin = true }
                if line == "}" { isWithin = false }
                // Stored properties of the machine itself are one step in.
                guard isWithin, line.hasPrefix("    var "), !line.hasSuffix("}"),
                    !line.hasSuffix("{")
                else { continue }
                Issue.record("\(path):\(number + 1) can be written from outside")
            }
        }
    }

    @Test("The words of a line are those of its code")
    func words() {
        let line = #"let users = Users("PresenceCore \" Devices") // Broker"#
        #expect(Source.words(of: line) == ["let", "users", "Users"])
    }
}
