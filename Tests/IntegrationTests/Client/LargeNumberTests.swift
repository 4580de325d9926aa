import BrokerFixture
import Mosquitto
import Presence
import PresenceClient
import Testing

/// Answers requests in a bridge's place, with whatever numbers a test wants.
private final class NumberedBridge: Sendable {
    private let answering: Task<Void, any Error>

    /// - Parameters:
    ///   - number: The number that stands in the answers wherever one can stand.
    ///   - user: Whose requests are answered.
    init(_ number: Int64, for user: String, on service: Service) async throws {
        let client = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        try await client.subscribe("presence/request/#")
        answering = Task {
            while true {
                let request = try await client.expect("presence/request/#", timeout: .seconds(60))
                let levels = request.topic.split(separator: "/").map(String.init)
                let id = try request.json["id"]?.string ?? ""
                let result = Self.result(of: levels[4], number)
                try await client.publish(
                    "presence/response/\(user)/\(levels[3])",
                    #"{"id":"\#(id)","operation":"\#(levels[4])","result":\#(result)}"#
                )
            }
        }
    }

    deinit { answering.cancel() }

    private static func result(of operation: String, _ number: Int64) -> String {
        let status =
            #"{"username":"bob","online":false,"status":"offline","description":"","devices":{},"#
            + #""cause":null,"since":null,"updated":null,"seq":0,"expires":\#(number)}"#
        return switch operation {
        case "sync": #"{"users":[],"time":\#(number),"cursor":null}"#
        case "subscriptions":
            #"{"total":\#(number),"all":{"expires":\#(number)},"subscriptions":[]}"#
        case "subscribe": #"{"subscribed":[\#(status)],"evicted":[],"rejected":[]}"#
        default: #"{"total":\#(number),"usernames":[]}"#
        }
    }
}

@Suite("Numbers at their ends in what a client hears")
struct LargeNumberTests {
    @Test("An answer ends no app", arguments: [Int64.max, .min, -1, 0])
    func answers(_ number: Int64) async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let bridge = try await NumberedBridge(number, for: "alice", on: service)
        defer { withExtendedLifetime(bridge) {} }
        let client = try PresenceClient(service.options("alice"))
        try await client.connect()
        let subscribed = try await client.subscribe(to: ["bob"], renews: true)
        #expect(subscribed.subscribed.map(\.expires) == [number])
        if number == 0 {
            #expect(try await client.allSubscriptions().entries == [])
            #expect(try await client.onlineCount() == 0)
        } else {
            await #expect(throws: PresenceError.unintelligible(operation: "subscriptions")) {
                try await client.allSubscriptions()
            }
            if number < 0 {
                await #expect(throws: PresenceError.unintelligible(operation: "online")) {
                    try await client.onlineCount()
                }
            }
        }
        await client.close()
    }
}
