import BrokerFixture
import Testing

/// Whoever looks for a type finds it by the name of its file.
@Suite("The names of files")
struct FileNameTests {
    /// Types that are yet to get a file of their own, or to become parts of another.
    private static let waiting: Set<String> = [
        "AnswerRoom", "AnswerWay", "BadValue", "BridgeProcessID", "DeviceEntry", "DeviceName",
        "DeviceNumber", "Dial", "EventOptions", "FileFailure", "GetCommand", "GivenSettings",
        "Greeting", "JSONKey", "LinkInput", "LinkPacket", "ListFlags", "Login", "LoginWatch",
        "MeterNumber", "MetricsWatch", "Naming", "NoDescriptor", "NoPassword", "NoWord",
        "Occasion", "OnlineCommand", "Orders", "Permission", "ReadingID", "ReadingScope", "Reply",
        "Report", "RequestMessage", "RetainedTopic", "Severity", "StatusBook", "StatusChange",
        "StatusPayloads", "SteadyClock", "SubscribeOrder", "Subscription", "SubscriptionBook",
        "SubscriptionPage", "SubscriptionTable", "Suspects", "Touch", "TransportState",
        "TypedPassword", "UnsubscribeCommand", "Visible", "WatchersCommand",
    ]

    @Test("Each type that other files see is in the file that is called as it is")
    func types() async throws {
        var misplaced: Set<String> = []
        for file in try await inBackground({ try SourceFile.all(in: "Sources") }) {
            let name = String(file.name.prefix { $0 != "+" })
            for type in file.declarations
            where type.keyword != "extension" && type.isShared && type.name != name {
                misplaced.insert(type.name)
                #expect(Self.waiting.contains(type.name), "\(file.path) has \(type.name)")
            }
        }
        #expect(Self.waiting.subtracting(misplaced) == [], "they wait no longer")
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
