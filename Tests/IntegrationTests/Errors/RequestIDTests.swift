import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("The id of a request", .service())
struct RequestIDTests {
    @Test("It is repeated in a result and in every error of a payload that could be read")
    func repeated() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let ids = [
            "0", "-1", "9007199254740992", "-9007199254740992", #""""#, #""7""#,
            #""é \" \\ \u0000 🌊""#, "\"\(String(repeating: "é", count: 64))\"",
        ]
        for id in ids {
            let expected = try JSONValue.text(id)
            for (operation, rest, code) in [
                ("get", #""usernames":["a"]"#, nil),
                ("get", #""usernames":5"#, "malformed_request"),
                ("get", #""usernames":["$"]"#, "invalid_username"),
                ("nothing", #""x":1"#, "unknown_operation"),
            ] {
                let answer = try await service.request(
                    alice,
                    operation,
                    #"{\#(rest),"id":\#(id)}"#
                )
                #expect(answer["id"] == expected, "\(operation) with \(id)")
                #expect(answer.errorCode == code)
                #expect(answer.object?.keys.first == "id")
            }
        }
    }

    @Test(
        "One of another form is malformed_request and is not repeated",
        arguments: [
            "null", "true", "[1]", #"{"a":1}"#, "1.0", "1e3", "9007199254740993",
            "-9007199254740993", "99999999999999999999",
            "\"\(String(repeating: "é", count: 64))x\"",
        ]
    )
    func otherForm(id: String) async throws {
        let service = try Service.current
        let bob = try await service.client("bob")
        let answer = try await service.request(bob, "get", #"{"usernames":["a"],"id":\#(id)}"#)
        #expect(answer.errorCode == "malformed_request")
        #expect(answer.object?.keys == ["operation", "error"])
    }

    @Test("Answers are told apart by it without Correlation Data")
    func pipelined() async throws {
        let service = try Service.current
        let carol = try await service.client("carol", version: .v311)
        try await carol.call { connection in
            for id in 1...20 {
                _ = try connection.publish(
                    Message(
                        topic: "presence/request/carol/test/get",
                        payload: #"{"id":\#(id),"usernames":["u\#(id)"]}"#,
                        qos: 1
                    )
                )
            }
        }
        let answers = try await carol.expect(20, on: "presence/response/carol/test")
        for answer in answers {
            let json = try answer.json
            let id = try #require(json["id"]?.integer)
            #expect(json["result"]?["users"]?.texts("username") == ["u\(id)"])
        }
        #expect(Set(try answers.map { try $0.json["id"] }).count == 20)
    }
}
