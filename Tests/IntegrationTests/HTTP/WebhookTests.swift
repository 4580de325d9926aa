import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("Webhooks", .timeLimit(.minutes(2)))
struct WebhookTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Lets a user come, and go.
    private func play(_ service: Service, _ user: String) async throws {
        let device = try await service.device(user, "phone")
        try await service.status(of: user, is: "online")
        try await device.state("offline")
        try await service.status(of: user, is: "offline")
    }

    @Test("Changes come signed and in order, and of the kinds that are wanted alone")
    func telling() async throws {
        let receiver = try await WebhookReceiver()
        let secret = folder.file("secret")
        try "whsec_Z2VoZWlt\n".write(toFile: secret, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
        let service = try await Service.start([
            "webhook": receiver.url, "webhook_secret_file": secret,
        ])
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await receiver.deliveries(1)
        try await bob.state("away")
        try await service.status(of: "bob", is: "away")
        try await bob.state("offline")
        let all = try await receiver.deliveries(2)
        #expect(all.flatMap(\.changes) == ["bob online", "bob offline"])
        for delivery in all { #expect(delivery.isSigned(with: "geheim")) }
        #expect(all.first?.fields["content-type"]?.string == "application/json")
        #expect(all.first?.skipped == nil)
        let status = try await service.retained("presence/status/bob")
        let last = try JSONValue(parsing: Array(try #require(all.last?.body.utf8)))
        #expect(last["changes"]?[0]?["status"]?["seq"]?.integer == status["seq"]?.integer)
    }

    @Test("What a receiver does not take comes again, as it was, and what follows waits for it")
    func again() async throws {
        let receiver = try await WebhookReceiver(.failing)
        let service = try await Service.start(["webhook": receiver.url])
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        let first = try await receiver.deliveries(1)[0]
        try await bob.state("offline")
        try receiver.become(.cutting)
        let cut = try await receiver.deliveries(1, .cutting)[0]
        try receiver.become(.headless)
        let headless = try await receiver.deliveries(1, .headless)[0]
        try receiver.become(.moved)
        let moved = try await receiver.deliveries(1, .moved)[0]
        try receiver.become(.well)
        let well = try await receiver.deliveries(2, .well)
        for delivery in [cut, headless, moved, well[0]] {
            #expect(delivery.body == first.body)
            #expect(delivery.fields["webhook-id"]?.string == first.fields["webhook-id"]?.string)
        }
        #expect(well[1].changes == ["bob offline"])
        _ = try await service.bridgeProcess?.line(with: "it takes changes again")
        let log = service.bridgeLog
        #expect(log.contains("webhook \(receiver.url): it answers 500; it is tried again"))
    }

    @Test("Who wants a pause has it, and who answers 410 is left alone until the next start")
    func pauses() async throws {
        let receiver = try await WebhookReceiver(.busy)
        let service = try await Service.start(["webhook": receiver.url])
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await receiver.deliveries(1)
        let begun = ContinuousClock.now
        try receiver.become(.ended)
        try await receiver.deliveries(1, .ended)
        #expect(ContinuousClock.now - begun > .seconds(2))
        _ = try await service.bridgeProcess?.line(with: "410")
        try await bob.state("offline")
        try await service.status(of: "bob", is: "offline")
        try receiver.become(.well)
        try await service.stopBridge()
        #expect(receiver.deliveries.count == 2)
        try await service.startBridge()
        let well = try await receiver.deliveries(1, .well)
        #expect(well[0].changes.first == "bob online")
        #expect(try await receiver.deliveries(1, .well).flatMap(\.changes).contains("bob online"))
    }

    @Test("A receiver that answers nothing stops neither the bridge nor another receiver")
    func stalling() async throws {
        let silent = try await WebhookReceiver(.stalling)
        let other = try await WebhookReceiver()
        let service = try await Service.start(["webhook": "\(silent.url) \(other.url)"])
        defer { service.end() }
        try await play(service, "bob")
        try await silent.deliveries(1)
        let told = try await eventually("both changes", log: service.bridgeLog) {
            let changes = other.deliveries.flatMap(\.changes)
            return changes.count == 2 ? changes : nil
        }
        #expect(told == ["bob online", "bob offline"])
        let begun = ContinuousClock.now
        try await service.stopBridge()
        #expect(ContinuousClock.now - begun < .seconds(10))
    }

    @Test("Nothing is lost with the bridge or the receiver, be they killed")
    func killed() async throws {
        let receiver = try await WebhookReceiver()
        let service = try await Service.start(["webhook": receiver.url, "webhook_delay": "0"])
        defer { service.end() }
        try await play(service, "bob")
        try await receiver.deliveries(2)
        receiver.kill()
        try await play(service, "carol")
        try await service.killBridge()
        try await service.startBridge()
        try await play(service, "dave")
        let next = try await WebhookReceiver(port: receiver.port)
        let told = try await eventually("all changes", log: service.bridgeLog) {
            let changes = next.deliveries.flatMap(\.changes)
            return changes.last == "dave offline" ? changes : nil
        }
        #expect(told.suffix(4) == ["carol online", "carol offline", "dave online", "dave offline"])
        #expect(told.dropLast(4).allSatisfy { $0.hasPrefix("bob") })
    }

    @Test("Who was away for too long is told each user's last change, and how many were skipped")
    func condensed() async throws {
        let receiver = try await WebhookReceiver(.failing)
        let service = try await Service.start([
            "webhook": receiver.url, "webhook_rows": "4", "webhook_keep": "60s",
        ])
        defer { service.end() }
        try await play(service, "bob")
        try await receiver.deliveries(1)
        for _ in 0..<4 { try await play(service, "bob") }
        try await play(service, "carol")
        _ = try await service.bridgeProcess?.line(with: "changes are left out")
        try receiver.become(.well)
        let told = try await eventually("carol's last", log: service.bridgeLog) {
            let some = receiver.deliveries.filter { $0.manner == "200" }
            return some.flatMap(\.changes).last == "carol offline" ? some : nil
        }
        let changes = told.flatMap(\.changes)
        let skipped = told.compactMap(\.skipped).reduce(0, +)
        #expect(skipped > 0)
        #expect(changes.count + Int(skipped) == 12)
        #expect(changes.contains("bob offline"))
    }

    @Test(
        "A receiver with TLS is told if its certificate is by an authority that is trusted, and else not"
    )
    func encrypted() async throws {
        let receiver = try await WebhookReceiver()
        let proxy = try await TLSProxy(to: receiver.port)
        let url = "https://localhost:\(proxy.port)/hook"
        let service = try await Service.start(["webhook": url])
        defer { service.end() }
        try await play(service, "bob")
        _ = try await service.bridgeProcess?.line(with: "webhook \(url): SSL")
        #expect(receiver.deliveries.isEmpty)
        try await service.stopBridge()
        try await service.startBridge(["webhook_cafile": proxy.authority])
        try await receiver.deliveries(1)
    }

    @Test("A host that is not found is said, and holds nothing up")
    func unknown() async throws {
        let service = try await Service.start(["webhook": "http://nowhere.invalid/?token=geheim"])
        defer { service.end() }
        try await play(service, "bob")
        let line = try await service.bridgeProcess?.line(with: "webhook http://nowhere.invalid/:")
        #expect(line?.contains("resolve") == true)
        #expect(!service.bridgeLog.contains("geheim"))
    }
}
