import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("HTTP beside MQTT")
struct HTTPTests {
    @Test("Statuses are those that MQTT answers with, byte for byte")
    func reading() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let bob = try await service.device("bob", "phone", birth: "away")
        try await service.status(of: "bob", is: "away")
        let alice = try await service.client("alice")
        let path = "presence/request/alice/test/get"
        let answer = try await alice.request(
            path,
            #"{"usernames":["bob","zoe"]}"#,
            answerOn: "presence/response/alice/test"
        )
        let query = try await http.call(
            "POST",
            "/v1/users/query",
            body: #"{"usernames":["bob","zoe"]}"#
        )
        #expect(query.status == 200)
        #expect(query.fields["content-type"] == "application/json")
        #expect(answer.text == #"{"operation":"get","result":"# + query.body + "}")
        let alone = try await http.call("GET", "/v1/users/bob", token: "reader")
        #expect(query.body.contains(alone.body))
        let never = try await http.call("GET", "/v1/users/z%C3%B6e")
        #expect(never.status == 200)
        #expect(try never.json["username"]?.string == "zöe")
        #expect(try never.json["seq"]?.integer == 0)
        let online = try await http.call("GET", "/v1/online?pageSize=10")
        #expect(online.body == #"{"total":1,"usernames":["bob"]}"#)
        try await bob.state("offline")
        try await service.status(of: "bob", is: "offline")
        #expect(try await http.call("GET", "/v1/users/bob").json["cause"]?.string == "logout")
    }

    @Test("A statement counts as the device's, and shows on its topic as the bridge's")
    func statements() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let path = "/v1/users/bob/devices/desk"
        #expect(try await http.call("PUT", path, body: #"{"status":"busy"}"#).status == 204)
        try await service.status(of: "bob", is: "busy")
        let topic = try await service.retained("presence/device/bob/desk")
        #expect(topic["status"]?.string == "busy")
        #expect(topic["by"]?.string == "presence-bridge")
        let wrong = try await http.call("PUT", path, body: #"{"status":"out to lunch"}"#)
        #expect(wrong.status == 400)
        #expect(wrong.code == "invalid_status")
        // What is stored outlives the bridge.
        try await service.killBridge()
        try await service.startBridge()
        try await service.status(of: "bob", is: "busy")
        let line = try #require(await service.bridgeProcess?.line(with: "HTTP on"))
        var anew = http
        anew.base = "http://" + (line.split(separator: " ").last ?? "")
        #expect(try await anew.call("DELETE", path).status == 204)
        try await service.status(of: "bob", is: "offline")
        #expect(try await anew.call("DELETE", path).status == 204)
    }

    @Test("A back end subscribes a user, whose devices are told then, and sets its words")
    func subscriptions() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let alice = try await service.client("alice")
        let path = "/v1/users/alice/subscriptions"
        let made = try await http.call("POST", path, body: #"{"usernames":["bob"],"expiry":60}"#)
        #expect(made.status == 200)
        #expect(try made.json["subscribed"]?[0]?["username"]?.string == "bob")
        let words = try await http.call(
            "PUT",
            "/v1/users/bob/description",
            body: #"{"description":"back at 5"}"#
        )
        #expect(try words.json["description"]?.string == "back at 5")
        #expect(try await alice.events()[0]["description"]?.string == "back at 5")
        #expect(try await http.call("GET", path).json["total"]?.integer == 1)
        let watchers = try await http.call("GET", "/v1/users/bob/watchers")
        #expect(watchers.body == #"{"total":1,"usernames":["alice"]}"#)
        let ended = try await http.call("DELETE", path + "?username=bob&username=carol")
        #expect(ended.body == #"{"unsubscribed":["bob"]}"#)
    }

    @Test("Who is erased is forgotten, its watchers are told, and what is connected begins anew")
    func erasure() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        let before = try await service.status(of: "bob", is: "online")
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        #expect(try await http.call("DELETE", "/v1/users/bob").status == 204)
        #expect(try await alice.events()[0]["subscription"]?.string == "expired")
        _ = try await bob.expect("presence/response/bob/phone") { message in
            (try? message.json["operation"]?.string) == "announce"
        }
        #expect(try await http.call("GET", "/v1/users/bob").json["seq"]?.integer == 0)
        try await bob.state("away")
        let after = try await service.status(of: "bob", is: "away")
        #expect(try #require(after["seq"]?.integer) > #require(before["seq"]?.integer))
    }

    @Test("Without a broker it is alive and not ready, and says so; every call is to be made again")
    func health() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        #expect(try await http.call("GET", "/livez", token: nil).status == 200)
        #expect(try await http.call("GET", "/readyz", token: nil).status == 200)
        service.broker.kill()
        try await eventually("the broker's absence") {
            try await http.call("GET", "/readyz", token: nil).status == 503 ? true : nil
        }
        let unready = try await http.call("GET", "/readyz", token: nil)
        #expect(try unready.json["detail"]?.string == "no connection to the broker")
        #expect(try await http.call("GET", "/livez", token: nil).status == 200)
        for (method, path) in [("GET", "/v1/users/bob"), ("DELETE", "/v1/users/bob")] {
            let refused = try await http.call(method, path)
            #expect(refused.status == 503)
            #expect(refused.code == "unavailable")
            #expect(refused.fields["retry-after"] == "1")
        }
        #expect(try await http.call("GET", "/v1/users/a%2Fb").code == "invalid_username")
    }

    @Test("The metrics are there for Prometheus, and promtool is content where it is installed")
    func metrics() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let metrics = try await http.call("GET", "/metrics", token: "monitor")
        #expect(metrics.status == 200)
        #expect(metrics.body.contains("\npresence_users_online 0\n"))
        #expect(metrics.body.contains("\n# TYPE presence_requests_total counter\n"))
        #expect(metrics.body.contains("presence_turn_seconds_count"))
        let folder = try TemporaryFolder()
        let path = try folder.write(metrics.body, to: "metrics")
        guard let tool = Prometheus.program("promtool") else { return }
        let check = try Child("sh", ["-c", "\(tool) check metrics < \(path)"], folder: folder)
        #expect(try await check.wait() == .code(0), "\(check.output)\(check.errors)")
    }
}
