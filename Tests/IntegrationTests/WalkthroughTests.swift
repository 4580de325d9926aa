import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("The walkthrough that is shipped")
struct WalkthroughTests {
    @Test("It shows what it says, and again the second time")
    func walkthrough() async throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let script = root.appending(path: "examples/walkthrough.sh").path
        let service = try await Service.start { options in
            for user in ["alice", "bob", "carol"] { options.users[user] = "demo-\(user)" }
        }
        defer { service.end() }
        let environment = ["PRESENCE_HOST": "127.0.0.1", "PRESENCE_PORT": "\(service.broker.port)"]
        for run in 1...2 {
            let child = try Child(script, [], environment: environment)
            #expect(try await child.wait(timeout: .seconds(60)) == .code(0), "\(child.errors)")
            #expect(child.errors == "", "run \(run)")
            let output = child.output
            // What each step shows: all that follows it up to the next.
            let scenes = output.components(separatedBy: "\n* ").dropFirst().map {
                $0.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            }
            let shown = scenes.map { $0.dropFirst().joined(separator: "\n") }
            let expected: [[String]] = [
                [#""state":"online""#, #""protocol":1"#],
                [#"{"username":"bob","online":true,"status":"online""#],
                [#"presence/bridge/presence-bridge {"state":"online""#],
                [#""operation":"subscribe","result":{"subscribed":[{"username":"bob""#],
                [#"presence/event/alice [{"username":"bob","online":true,"status":"away""#],
                [#""operation":"publish","result":{"username":"bob""#, "having tea, cup "],
                [#""username":"bob","online":false,"status":"offline""#, #""cause":"lost""#],
                [#""operation":"online","result":{"total":1,"usernames":["alice"]}"#],
                [],
            ]
            #expect(shown.count == expected.count, "run \(run): \(output)")
            for (scene, words) in zip(shown, expected) {
                for word in words {
                    #expect(scene.contains(word), "run \(run): \(word) is not in \(scene)")
                }
            }
            try await service.status(of: "alice") { $0["cause"]?.string == "logout" }
        }
    }
}
