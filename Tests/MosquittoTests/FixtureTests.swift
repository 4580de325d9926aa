import BrokerFixture
import Foundation
import Mosquitto
import Testing

@Suite("The fixture")
struct FixtureTests {
    @Test(
        "What a broker has saved outlives a kill, what it has not does not",
        .broker { $0.persistence = true }
    )
    func persistence() async throws {
        let broker = try Broker.current
        let first = try await TestClient.connect(to: broker)
        try await first.publish("a", "saved", retain: true)
        try await broker.save()
        try await first.publish("b", "not saved", retain: true)
        try await broker.restart(killing: true)
        let second = try await TestClient.connect(to: broker)
        try await second.subscribe("#")
        #expect(try await second.drain().map(\.topic) == ["a"])
        try await second.publish("c", "saved at the end", retain: true)
        try await broker.restart()
        let third = try await TestClient.connect(to: broker)
        try await third.subscribe("#")
        #expect(Set(try await third.drain().map(\.topic)) == ["a", "c"])
    }

    @Test("The log tells what happened", .broker)
    func log() async throws {
        let broker = try Broker.current
        _ = try await TestClient.connect(to: broker, id: "known-by-name")
        #expect(broker.log.contains("known-by-name"))
    }

    @Test("A failed expectation lists what came instead", .broker)
    func failure() async throws {
        let client = try await TestClient.connect(to: Broker.current)
        try await client.subscribe("#")
        try await client.publish("came/instead", "hello")
        await #expect {
            _ = try await client.expect("awaited", timeout: .milliseconds(200))
        } throws: { error in
            "\(error)".contains("awaited") && "\(error)".contains("came/instead")
                && "\(error)".contains("hello")
        }
    }

    @Test("A request gets its own answer", .broker)
    func request() async throws {
        let broker = try Broker.current
        let server = try await TestClient.connect(to: broker)
        try await server.subscribe("ask")
        let client = try await TestClient.connect(to: broker)
        try await client.subscribe("answer")
        async let answer = client.request("ask", "?", answerOn: "answer")
        let asked = try await server.expect("ask")
        try await server.publish("answer", "to somebody else")
        var properties = MessageProperties()
        properties.correlationData = asked.properties.correlationData
        let topic = try #require(asked.properties.responseTopic)
        try await server.publish(topic, "!", properties: properties)
        #expect(try await answer.text == "!")
    }

    @Test("A child's output, errors, code and signal are known")
    func child() async throws {
        #expect(
            try await Child.run("sh", ["-c", "echo $WORD"], environment: ["WORD": "x"]) == "x\n"
        )
        let failing = try Child("sh", ["-c", "echo bad >&2; exit 3"])
        #expect(try await failing.wait() == .code(3))
        #expect(failing.errors == "bad\n")
        let sleeping = try Child("sleep", ["60"])
        await #expect(throws: FixtureError.self) {
            try await sleeping.wait(timeout: .milliseconds(50))
        }
        #expect(try await sleeping.terminate() == .signal(SIGTERM))
    }

    @Test("A broker that does not start says why")
    func badConfiguration() async throws {
        let options = BrokerOptions { $0.extra = "no_such_option true" }
        await #expect {
            _ = try await Broker.start(options)
        } throws: { "\($0)".contains("no_such_option") }
    }

    @Test("A folder and a process go with their broker")
    func cleanup() async throws {
        var broker: Broker? = try await Broker.start()
        let path = try #require(broker?.folder.path)
        let pid = try #require(broker?.child?.pid)
        #expect(kill(pid, 0) == 0)
        broker = nil
        // The thread that started it may hold it for a moment longer.
        let end = ContinuousClock.now + .seconds(10)
        while FileManager.default.fileExists(atPath: path), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(kill(pid, 0) == -1)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
