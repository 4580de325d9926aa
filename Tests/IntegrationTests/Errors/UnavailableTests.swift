import BrokerFixture
import Foundation
import GRDB
import Mosquitto
import Presence
import Testing

@Suite("A store that accepts no writes")
struct UnavailableTests {
    /// Keeps everyone else from writing until it is closed.
    private func lock(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return queue
    }

    @Test(
        "A change is refused with unavailable and not made, all else goes on, and later it works",
        .service(["max_subscriptions": "1"])
    )
    func unavailable() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let bob = try await service.client("bob")
        _ = try await service.result(bob, "subscribe", #"{"usernames":["x"],"expiry":1000}"#)
        let lock = try lock(service.storePath)
        for _ in 1...2 {
            let code = try await service.errorCode(alice, "subscribe", #"{"usernames":["x"]}"#)
            #expect(code == "unavailable")
        }
        let publish = #"{"description":"lost"}"#
        #expect(try await service.errorCode(alice, "publish", publish) == "unavailable")
        // Every other code comes first.
        for (operation, payload, code) in [
            ("subscribe", #"{"usernames":["y"],"expiry":0}"#, "invalid_expiry"),
            ("subscribe", #"{"all":true}"#, "forbidden"),
            ("subscribe", #"{"usernames":["y"],"expiry":1}"#, "limit_exceeded"),
        ] {
            #expect(try await service.errorCode(bob, operation, payload) == code)
        }
        let status = try await service.result(alice, "get", #"{"usernames":["alice"]}"#)
        #expect(status["users"]?[0]?["description"] == .string(""))
        #expect(try await service.result(alice, "subscriptions")["total"] == .integer(0))

        // Presence itself does not need the store.
        let phone = try await service.device("carol", "phone")
        try await service.status(of: "carol", is: "online")
        try await phone.disconnect()

        try lock.close()
        // It tries the store again after a while of its own.
        try await eventually(
            "it is stored again",
            every: .milliseconds(100),
            log: service.bridgeLog
        ) {
            let code = try await service.errorCode(alice, "subscribe", #"{"usernames":["x"]}"#)
            return code == nil ? true : nil
        }
        #expect(try await service.result(alice, "subscriptions")["total"] == .integer(1))
    }
}
