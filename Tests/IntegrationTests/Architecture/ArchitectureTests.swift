import Testing

/// What the design promises about the sources, read from the sources themselves.
@Suite("The architecture")
struct ArchitectureTests {
    /// What each module may import, of the package's own modules and of others.
    ///
    /// Arrows are imports; there are no others.
    private static let arrows: [String: Set<String>] = [
        "Presence": [],
        "PresenceAdoption": ["Presence"],
        "PresenceCore": [
            "Presence", "PresenceAdoption", "BitCollections", "DequeModule", "OrderedCollections",
        ],
        "PresenceStore": [
            "Presence", "PostgreSQL", "BitCollections", "GRDB", "GRDBSQLite", "Dispatch",
            "Foundation",
            "Synchronization",
        ],
        "Mosquitto": ["CMosquitto", "Synchronization", "Glibc"],
        "MosquittoSocketBuffer": ["Mosquitto", "CSocketBuffer"],
        "ServiceNotification": ["Glibc"],
        "Curl": ["CCurl"],
        "PostgreSQL": ["CPostgreSQL", "Glibc"],
        "PresenceBridge": [
            "Presence", "PresenceAdoption", "PresenceCore", "PresenceStore", "Mosquitto",
            "MosquittoSocketBuffer", "PresenceHTTP", "ServiceNotification", "Curl", "DequeModule",
            "Logging",
            "ServiceLifecycle", "UnixSignals",
            "Foundation", "Dispatch", "Synchronization", "Glibc",
        ],
        "PresenceHTTP": [
            "Presence", "HTTPTypes", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTP1",
            "NIOHTTPTypes", "NIOPosix", "Dispatch", "Foundation", "Synchronization",
        ],
        "presence-bridge": [
            "PresenceBridge", "PresenceHTTP", "ServiceNotification", "ArgumentParser", "Logging",
            "ServiceLifecycle",
            "UnixSignals",
            "Foundation", "Glibc",
        ],
        "PresenceClient": [
            "Presence", "Mosquitto", "DequeModule", "ServiceLifecycle",
            "Foundation", "Synchronization", "Glibc",
        ],
        "PresenceCommand": [
            "PresenceClient", "Presence", "Curl", "ArgumentParser",
            "Foundation", "Dispatch", "Synchronization", "Glibc",
        ],
        "PresencePluginCore": ["Presence", "DequeModule"],
        "PresencePlugin": ["Presence", "PresencePluginCore", "CMosquittoBroker"],
    ]

    @Test("Every module imports only what the design draws an arrow to")
    func imports() throws {
        let sources = try SourceFile.all(in: "Sources")
        #expect(sources.contains { $0.module == "PresenceCore" })
        for file in sources {
            let allowed = try #require(
                Self.arrows[file.module],
                "\(file.path) is in a module that the design does not know"
            )
            for imported in file.imports where !allowed.contains(imported) {
                Issue.record("\(file.path) imports \(imported); \(file.module) must not")
            }
        }
    }

    @Test("The link's machine is in one file, and none of its parts names it, or another part")
    func walls() throws {
        let parts: Set<String> = [
            "LinkMachine", "Session", "Calls", "Fitness", "DutyTopics", "Reader", "PacketLengths",
        ]
        // What a part may do with what goes out.
        let orders: Set<Substring> = [
            "order", "tell", "log", "logOnce", "publish", "publishAhead", "subscribe",
            "unsubscribe",
        ]
        let files = try SourceFile.all(in: "Sources/PresenceBridge/Link")
        #expect(files.count { parts.contains($0.name) } == parts.count)
        for file in files {
            let parents: Set<String> =
                switch file.name {
                case "Link", "LinkMachine": parts
                case "Session": parts.subtracting(["LinkMachine", "Calls"])
                default: [file.name]
                }
            for line in file.lines where !line.trimmingPrefix(while: \.isWhitespace).hasPrefix("//")
            {
                let words = Set(line.split { !$0.isLetter && !$0.isNumber }.map(String.init))
                for part in words.intersection(parts).subtracting(parents) {
                    Issue.record("\(file.path) names \(part): \(line)")
                }
                #expect(
                    !line.contains("extension LinkMachine") && !line.contains("extension Session")
                )
                if ["LinkMachine", "Session"].contains(file.name) { continue }
                for order in line.split(separator: "out.").dropFirst() {
                    let name = order.prefix(while: \.isLetter)
                    #expect(orders.contains(name), "\(file.path): \(line)")
                }
            }
        }
    }

    @Test("No file is longer than 400 lines")
    func length() throws {
        for file in try SourceFile.all(in: "Sources", "Tests", "Benchmarks") {
            #expect(file.lines.count <= 400, "\(file.path)")
        }
    }

    @Test("Nothing that can fail at run time is forced, except where it is proven impossible")
    func force() throws {
        // In halves, so that this file does not find itself.
        let forbidden = ["try" + "!", "fatal" + "Error("]
        for file in try SourceFile.all(in: "Sources", "Tests", "Benchmarks") {
            for (number, line) in file.lines.enumerated() {
                for words in forbidden where line.contains(words) {
                    Issue.record("\(file.path):\(number + 1): \(words)")
                }
            }
        }
    }

    @Test("Nothing unsafe stands in what decides: the core, and the bridge around it")
    func memory() throws {
        for file in try SourceFile.all(in: "Sources")
        where ["PresenceCore", "PresenceBridge", "presence-bridge"].contains(file.module) {
            for line in file.lines where !line.contains("//") {
                #expect(!line.contains(/\bunsafe\b|@unchecked/), "\(file.path): \(line)")
            }
        }
    }

    @Test("An import is recognized in every form that the language has")
    func forms() {
        let file = SourceFile(
            path: "Sources/A/B.swift",
            text: """
                import One
                @preconcurrency import Two
                public import struct Three.Part
                #if canImport(Glibc)
                    import Four
                #endif
                // import Five
                let important = 6
                """
        )
        #expect(file.module == "A")
        #expect(file.imports == ["One", "Two", "Three", "Four"])
    }
}
