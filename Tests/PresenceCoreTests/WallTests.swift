import Foundation
import Testing

/// Reads the sources of the core: each machine has private state, and knows neither the core nor
/// another machine.
@Suite("The walls between the core's machines")
struct WallTests {
    /// Each machine, its folder, and the types that are parts of it alone.
    private static let machines: [(name: String, folder: String, parts: [String])] = [
        ("Devices", "Devices", ["DeviceTable", "Corrections", "OperatorWords", "Suspects"]),
        (
            "Adoption", "Adoption",
            [
                "AdoptedThings", "AdoptedTable", "AdoptedDevice", "GatewayTable", "Discovery",
                "DiscoveredTable", "DiscoveredTopics", "DiscoveredNames", "AvailabilityState",
                "AdoptedReadings", "LineRights", "Rebirths",
            ]
        ),
        ("Users", "Users", ["User", "UserTable", "Touch", "TooLong"]),
        ("Broker", "Broker", ["Witness", "BrokerStart"]),
        ("Readings", "Readings", ["Rereading", "Audit", "Purpose", "Asking"]),
        ("Watching", "Watching", ["Subscriptions", "Delivery", "Outbox", "FanOut"]),
        ("Export", "Export", []),
        ("Requests", "Requests", ["Cursors", "AnswerWay"]),
        ("UnsavedRows", "Store", []),
        ("ChangeLog", "Changes", []), ("Recalls", "Changes", []),
    ]

    /// The machine that is too large for one file, whose state its other files must reach.
    private static let spread = "Devices"

    /// The files that are the core itself: they may name every machine.
    private static let parent = [
        "PresenceCore.swift", "PresenceCore+Turn.swift", "PresenceCore+Requests.swift",
        "PresenceCore+Adoption.swift",
        "PresenceCore+Questions.swift", "PresenceCore+Restoring.swift",
        "PresenceCore+Explanations.swift",
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
        let names = (name: "Names", folder: "Names", parts: [String]())
        for machine in Self.machines + [names] where machine.name != Self.spread {
            let open = try openState(of: machine.name, in: machine.folder)
            #expect(open == [], "\(machine.name) can be written from outside")
        }
    }

    @Test("What the machine in several files knows is touched by these files alone")
    func spreadState() throws {
        let state = try openState(of: Self.spread, in: Self.spread)
        #expect(state.count > 5)
        let names = state.joined(separator: "|")
        let access = try Regex("(\\$0|\(Self.spread.lowercased()))\\.(\(names))\\b")
        for source in sources where Self.parent.contains(source.path) {
            for (number, line) in source.lines.enumerated() where line.contains(access) {
                Issue.record("\(source.path):\(number + 1) reaches into \(Self.spread)")
            }
        }
    }

    /// The stored properties of a machine that can be written from outside.
    private func openState(of name: String, in folder: String) throws -> [String] {
        let path = "\(folder)/\(name).swift"
        let source = try #require(sources.first { $0.path == path }, "\(path)")
        var isWithin = false
        return source.lines.compactMap { line in
            if line.hasPrefix("struct \(name)") { isWithin = true }
            if line == "}" { isWithin = false }
            // Stored properties of the machine itself are one step in.
            guard isWithin, line.hasPrefix("    var "), !line.hasSuffix("}"), !line.hasSuffix("{")
            else { return nil }
            return String(line.dropFirst(8).prefix { $0.isLetter })
        }
    }

    @Test("The words of a line are those of its code")
    func words() {
        let line = #"let users = Users("PresenceCore \" Devices") // Broker"#
        #expect(Source.words(of: line) == ["let", "users", "Users"])
    }
}
