import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("The guide to adoption")
struct AdoptionGuideTests {
    /// The lines of a code block that begin with a word, out of a chapter of the guide.
    private func lines(_ word: String, of chapter: String) throws -> [String] {
        let root = Example.examples.deletingLastPathComponent()
        let guide = try String(
            contentsOf: root.appending(path: "docs/adoption.md"),
            encoding: .utf8
        )
        let text = try #require(
            guide.components(separatedBy: "\n## ").first { $0.hasPrefix(chapter) }
        )
        return text.split(separator: "\n").filter { $0.hasPrefix("    \(word) ") }
            .map { String($0.dropFirst(4)) }
    }

    @Test("A plug, a lamp and a node stand beside people in one watch, as the guide says")
    func besidePeople() async throws {
        let chapter = "A plug, a lamp and a node beside people"
        let adopt = try lines("adopt", of: chapter)
        let commands = try lines("$ say", of: chapter)
        #expect(adopt.count == 3 && commands.count == 4)
        let rights = try String(
            contentsOf: Example.examples.appending(path: "iot/acl"),
            encoding: .utf8
        )
        let service = try await Service.start(users: ["things"], startsBridge: false) {
            var acl = ($0.acl ?? "") + "\n\(rights)\nuser things\n"
            for topic in ["tele/#", "zigbee2mqtt/#", "esp/#"] { acl += "topic write \(topic)\n" }
            $0.acl = acl
        }
        defer { service.end() }
        let file = try service.broker.folder.write(adopt.joined(separator: "\n"), to: "adopt.conf")
        try await service.startBridge(["config": file])
        let watch = try service.start("alice", "watch", "bob", "heater", "hall", "gate")
        for name in ["bob", "heater", "hall", "gate"] {
            try await watch.written("\t\(name)\toffline\t")
        }
        let say = { (commands: [String]) in
            let login = "-p \(service.broker.port) -u things -P things -q 1 -r"
            let function = "say() { mosquitto_pub \(login) -t \"$1\" -m \"$2\"; }; "
            _ = try await Child.run(
                "/bin/sh",
                ["-ec", function + commands.joined(separator: "; ")]
            )
        }
        try await say(commands.map { String($0.dropFirst(2)) })
        for (name, device) in [("heater", "plug"), ("hall", "lamp"), ("gate", "node")] {
            try await watch.written("\t\(name)\tonline\t")
            let status = try await service.status(of: name, is: "online")
            #expect(status["devices"]?[device] == .string("online"))
        }
        let bob = try await service.device("bob", "phone", birth: "away")
        try await watch.written("\tbob\taway\t")
        try await say([
            "say tele/heater/LWT Offline", #"say zigbee2mqtt/bridge/state '{"state":"offline"}'"#,
        ])
        for name in ["heater", "hall"] {
            try await service.status(of: name) { $0["cause"]?.string == "lost" }
        }
        try await say([#"say zigbee2mqtt/bridge/state '{"state":"online"}'"#])
        try await service.status(of: "hall", is: "online")
        #expect(try await service.status(of: "gate")["online"] == .bool(true))
        keep(bob)
    }
}
