import Presence
import Testing

@testable import PresenceCore

@Suite("Answers that the broker does not take")
struct AnswerRoomTests {
    private static let get = Input.asks("alice", "get", #"{"id":7,"usernames":["bob"]}"#)
    private static let change = Input.asks("alice", "subscribe", #"{"usernames":["bob"]}"#)

    /// A core with room for so many answers.
    private func caller(
        answers: Int = 10,
        bytes: Int = 10_000,
        refusals: Int = 10
    ) -> Caller {
        var caller = Caller()
        caller.turn([
            .answersLimited(AnswerRoom(answers: answers, bytes: bytes, refusals: refusals))
        ])
        return caller
    }

    @Test("What there is no room for is refused, and not carried out, within a turn, too")
    func refused() {
        var caller = caller(answers: 2)
        let effects = caller.turn([Self.get, Self.get, Self.change, Self.get])
        #expect(effects.errorCodes == ["unavailable", "unavailable"])
        #expect(effects.saves == [])
        #expect(caller.core.metrics.subscriptions == 0)
        #expect(caller.core.metrics.refused == 2 && caller.core.metrics.errors == 2)
        // The id is repeated, as in every answer.
        let last = effects.replies.last.map { String(decoding: $0.payload, as: UTF8.self) } ?? ""
        #expect(last.contains(#""id":7"#), "\(last)")
    }

    @Test("The bytes count as well, and an answer that is begun is given whole")
    func bytes() {
        var caller = caller(bytes: 1)
        #expect(caller.turn([Self.get, Self.get]).errorCodes == ["unavailable"])
    }

    @Test("Where too many refusals wait, too, requests are dropped, and counted")
    func dropped() {
        var caller = caller(answers: 0, refusals: 2)
        let effects = caller.turn([Self.get, Self.get, Self.get, Self.get])
        #expect(effects.replies.count == 2)
        #expect(caller.core.metrics.refused == 4 && caller.core.metrics.errors == 4)
        #expect(caller.core.metrics.requests == 4)
        #expect(caller.turn([Self.get]).replies == [])
    }

    @Test("When there is room again, or another connection, requests are carried out")
    func again() {
        var caller = caller(answers: 0)
        #expect(caller.turn([Self.get]).errorCodes == ["unavailable"])
        let room = AnswerRoom(answers: 1, bytes: 1, refusals: 1)
        #expect(caller.turn([.answersLimited(room), Self.get]).errorCodes == [])
        #expect(caller.turn([Self.get]).errorCodes == ["unavailable"])
        caller.turn([.brokerLost])
        let now = Instant(uptime: 1, unix: 1)
        var requests = caller.core.requests
        let message = RequestMessage(
            user: Name(checked: "a"),
            device: Name(checked: "b"),
            operation: "subscriptions",
            payload: []
        )
        guard case .called = requests.admit(message, caller.core.settings, at: now) else {
            Issue.record("the next connection takes answers")
            return
        }
    }

    @Test("Who asks too often is told so, or not at all, as long as there is room")
    func rate() {
        var caller = caller(answers: 1_000, bytes: .max)
        let effects = caller.turn([Input](repeating: Self.get, count: 300))
        #expect(effects.errorCodes == ["rate_limited"])
        #expect(caller.core.metrics.refused == 0)
    }
}
