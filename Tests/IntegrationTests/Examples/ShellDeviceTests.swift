import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("The devices in shell that are shipped")
struct ShellDeviceTests {
    private let topic = "presence/device/carol/example"

    @Test("It is online with the word of its command for longer than its ttl, and logs out")
    func device() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let folder = try TemporaryFolder()
        let word = try folder.write("away\n", to: "word")
        let device = try Example(
            "iot/device.sh",
            "cat",
            word,
            as: "carol",
            environment: ["PRESENCE_TTL": "5"],
            of: service
        )
        let first = try await service.status(of: "carol", is: "away")
        let monitor = try await service.monitor(topic)
        // The retained one, and one each second: the last is later than the ttl of the first.
        _ = try await monitor.expect(8, on: topic)
        let later = try await service.status(of: "carol")
        #expect(later["status"] == .string("away"))
        #expect(later["since"] == first["since"])
        try folder.write("busy\n", to: "word")
        try await service.status(of: "carol", is: "busy")
        try FileManager.default.removeItem(atPath: word)
        try await service.status(of: "carol", is: "failing")
        try await device.ends(by: SIGTERM)
        try await service.status(of: "carol") { $0["cause"] == .string("logout") }
    }

    @Test("A device whose script is killed leaves no ghost behind")
    func killed() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let device = try Example(
            "iot/device.sh",
            as: "carol",
            environment: ["PRESENCE_TTL": "5"],
            of: service
        )
        try await service.status(of: "carol", is: "online")
        device.process.kill()
        try await service.status(of: "carol") { $0["cause"] == .string("ttl") }
    }

    @Test("A device whose connection breaks is lost, and comes back by itself")
    func lost() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let device = try Example("iot/device.sh", as: "carol", of: service)
        try await service.status(of: "carol", is: "online")
        let before = try await service.retained(topic)["session"]
        kill(try publisher(of: device), SIGKILL)
        try await service.status(of: "carol") { $0["cause"] == .string("lost") }
        try await service.status(of: "carol", is: "online")
        let after = try await service.retained(topic)["session"]
        #expect(before != after)
        try await device.ends(by: SIGTERM)
    }

    /// The mosquitto_pub that a device has started.
    private func publisher(of device: Example) throws -> pid_t {
        let pid = device.process.pid
        let text = { (path: String) in
            String(
                decoding: FileManager.default.contents(atPath: "/proc/\(path)") ?? Data(),
                as: UTF8.self
            )
        }
        let children = text("\(pid)/task/\(pid)/children").split(separator: " ").compactMap {
            pid_t($0)
        }
        return try #require(children.first { text("\($0)/comm") == "mosquitto_pub\n" })
    }

    @Test("It tries again when the broker is not there, and is online when it is")
    func broker() async throws {
        let service = try await Service.start(["broker_restart_grace": "20s"])
        defer { service.end() }
        service.broker.kill()
        let device = try Example(
            "iot/device.sh",
            as: "carol",
            environment: ["PRESENCE_TTL": "6"],
            of: service
        )
        try await device.process.line(with: "trying again")
        try await service.broker.restart()
        try await service.status(of: "carol", is: "online")
        // From here on mosquitto_pub comes back by itself.
        try await service.broker.restart(killing: true)
        _ = try await service.monitor(topic).expect(2, on: topic)
        try await device.ends(by: SIGTERM)
        try await service.status(of: "carol") { $0["cause"] == .string("logout") }
    }

    @Test("One sign of life lasts for its ttl")
    func heartbeat() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let job = try Example(
            "iot/heartbeat.sh",
            "backup",
            as: "carol",
            environment: ["PRESENCE_TTL": "5"],
            of: service
        )
        try await job.ends()
        try await service.status(of: "carol", is: "backup")
        try await service.status(of: "carol") { $0["cause"] == .string("ttl") }
    }

    @Test(
        "A password reaches the broker as it is",
        arguments: [
            #"back\slash\n\\"#, "two  words", #"quo"te's"#, "$HOME $(id) `id` ${x}",
            "--pw", "# no comment", "%s%d*?[a]",
        ]
    )
    func password(_ password: String) async throws {
        let service = try await Service.start { options in options.users["carol"] = password }
        defer { service.end() }
        let job = try Example(
            "iot/heartbeat.sh",
            "backup",
            as: "carol",
            environment: ["PRESENCE_PASSWORD": password],
            of: service
        )
        try await job.ends()
        try await service.status(of: "carol", is: "backup")
        let device = try Example(
            "iot/device.sh",
            as: "carol",
            environment: ["PRESENCE_PASSWORD": password],
            of: service
        )
        try await service.status(of: "carol", is: "online")
        try await device.ends(by: SIGTERM)
    }

    @Test("White space is taken away; what is no word is told of, and is failing meanwhile")
    func words() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let folder = try TemporaryFolder()
        let word = try folder.write("Very Busy\n", to: "word")
        let device = try Example(
            "iot/device.sh",
            "cat",
            word,
            as: "carol",
            environment: ["PRESENCE_TTL": "5"],
            of: service
        )
        let line = try await device.process.line(with: "Very Busy")
        #expect(line.contains("1 to 32 of a-z, 0-9, _ and -"))
        try await service.status(of: "carol", is: "failing")
        try folder.write("  busy \r\nand a second line\n", to: "word")
        try await service.status(of: "carol", is: "busy")
        for bad in ["", "\n", #"a","ttl":"x"#, String(repeating: "x", count: 33), #"a\b"#] {
            try folder.write(bad, to: "word")
            try await service.status(of: "carol", is: "failing")
            try folder.write(String(repeating: "x", count: 32), to: "word")
            try await service.status(of: "carol", is: String(repeating: "x", count: 32))
        }
        try await device.ends(by: SIGTERM)
    }

    @Test(
        "What would be refused where nobody hears of it is refused at once",
        arguments: [
            (["PRESENCE_TTL": "4"], "PRESENCE_TTL is 5 to 86400"),
            (["PRESENCE_TTL": "90000"], "PRESENCE_TTL is 5 to 86400"),
            (["PRESENCE_TTL": "08"], "PRESENCE_TTL is 5 to 86400"),
            (["PRESENCE_TTL": "a minute"], "PRESENCE_TTL is 5 to 86400"),
            (["PRESENCE_ID": "living/room"], "PRESENCE_ID is a name without / + #"),
            (["PRESENCE_ID": "$lamp"], "PRESENCE_ID is a name without / + #"),
            (["PRESENCE_PASSWORD": "a\nb"], "no line break"),
        ]
    )
    func settings(_ environment: [String: String], message: String) async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        for script in ["iot/device.sh", "iot/heartbeat.sh"] {
            let run = try Example(script, as: "carol", environment: environment, of: service)
            #expect(try await run.process.wait() == .code(2))
            #expect(run.process.errors.contains(message), "\(run.process.errors)")
        }
        let job = try Example("iot/heartbeat.sh", "Very Busy", as: "carol", of: service)
        #expect(try await job.process.wait() == .code(2))
        #expect(job.process.errors.contains(#""Very Busy" is no word"#))
    }
}
