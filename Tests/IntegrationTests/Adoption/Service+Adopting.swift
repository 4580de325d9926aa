import BrokerFixture
import Foundation
import Mosquitto

extension Service {
    /// A service whose bridge adopts, and a login `things` that may publish on the same topics.
    ///
    /// - Parameters:
    ///   - lines: What stands behind `adopt` in the bridge's configuration, line by line.
    ///   - topics: The filters of the things' topics.
    ///   - rights: What the bridge may do, in the words of the broker's ACL; to read those topics, if `nil`.
    static func adopting(
        _ lines: [String],
        topics: [String],
        rights: [String]? = nil,
        flags: [String: String] = [:],
        startsBridge: Bool = true,
        broker change: (inout BrokerOptions) -> Void = { _ in }
    ) async throws -> Service {
        let service = try await start(flags, users: ["things"], startsBridge: false) {
            let rights = rights ?? topics.map { "topic read \($0)" }
            let others = topics.map { "topic readwrite \($0)" }
            let words = ["", "user presence-bridge"] + rights + ["user things"] + others
            $0.acl = ($0.acl ?? "") + words.joined(separator: "\n") + "\n"
            change(&$0)
        }
        let text = lines.map { "adopt \($0)\n" }.joined()
        let file = try service.broker.folder.write(text, to: "adopt.conf")
        if startsBridge { try await service.startBridge(["config": file]) }
        return service
    }

    /// A connection of the login that publishes for things.
    func things(will: Message? = nil) async throws -> TestClient {
        try await TestClient.connect(to: broker, username: "things", password: "things", will: will)
    }
}
