import BrokerFixture
import Testing

/// Whoever looks for a type finds it by the name of its file.
@Suite("The names of files")
struct FileNameTests {
    /// Small types that stand in the file of the one that they belong to.
    private static let companions: Set<String> = [
        "AlarmPurpose", "AnswerRoom", "AnswerWay", "BadValue", "BridgeProcessID",
        "DeviceNumber", "Dial", "DiscoveredNumber", "EventOptions", "FileFailure", "GatewayNumber",
        "Greeting",
        "LinkInput",
        "LinkPacket", "MeterNumber", "NoDescriptor", "Orders", "Permission", "ReadingID",
        "ReadingScope", "Reply", "Report", "RequestMessage", "RetainedTopic", "Severity",
        "StatusChange", "StatusPayloads", "SteadyClock", "SubscribeOrder", "Subscription",
        "Suspects", "Touch", "TransportState", "Visible",
    ]

    @Test("Each type that other files see is in the file that is called as it is")
    func types() async throws {
        var misplaced: Set<String> = []
        for file in try await inBackground({ try SourceFile.all(in: "Sources") }) {
            let name = String(file.name.prefix { $0 != "+" })
            for type in file.declarations
            where type.keyword != "extension" && type.isShared && type.name != name {
                misplaced.insert(type.name)
                #expect(Self.companions.contains(type.name), "\(file.path) has \(type.name)")
            }
        }
        #expect(
            Self.companions.subtracting(misplaced) == [],
            "they have files of their own, or are gone"
        )
    }

    @Test("A file with a plus in its name extends the type before it")
    func extensions() async throws {
        for file in try await inBackground({ try SourceFile.all(in: "Sources") })
        where file.name.contains("+") {
            let type = file.name.prefix { $0 != "+" }
            let extends = file.declarations.contains {
                $0.keyword == "extension" && $0.name.split(separator: ".").contains(type)
            }
            #expect(extends, "\(file.path) does not extend \(type)")
        }
    }

    @Test("What is at the top of a file is recognized in every form that the language has")
    func forms() {
        let file = SourceFile(
            path: "Sources/A/B.swift",
            text: """
                /// struct None
                public struct One<Part>: Sendable {
                    enum Inner {}
                }
                @MainActor final class Two {}
                private enum Three { case a }
                extension Four.Five where Part: Hashable {}
                fileprivate indirect enum Six {}
                package typealias Seven = Int
                let structure = 8
                """
        )
        let types = file.declarations.map { "\($0.keyword) \($0.name)\($0.isShared ? "" : "-")" }
        #expect(
            types == [
                "struct One", "class Two", "enum Three-", "extension Four.Five", "enum Six-",
                "typealias Seven",
            ]
        )
    }
}
