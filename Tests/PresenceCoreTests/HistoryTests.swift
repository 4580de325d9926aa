import Presence
import Testing

@testable import PresenceCore

@Suite("history")
struct HistoryTests {
    private static func serving() -> Bridge {
        Bridge.serving { $0.historyKeep = .seconds(86_400) }
    }

    private static func change(_ id: Int64) -> LoggedChange {
        LoggedChange(
            id: id,
            user: Name(checked: "bob"),
            time: id,
            kind: .status,
            status: Array(#"{"seq":\#(id)}"#.utf8)
        )
    }

    /// What the change log is asked.
    private func query(_ effects: [Effect]) -> (number: UInt64, query: HistoryQuery)? {
        for case .recall(let number, let query) in effects { return (number, query) }
        return nil
    }

    @Test("It is answered when the change log was read, page after page")
    func pages() throws {
        var bridge = Self.serving()
        let asked = bridge.send(
            .asks("bob", "history", #"{"id":7,"after":5,"before":9,"pageSize":2}"#)
        )
        #expect(asked.answers.isEmpty)
        let (number, first) = try #require(self.query(asked))
        let bob = Name(checked: "bob")
        #expect(first == HistoryQuery(of: bob, after: 5, before: 9, limit: 3))
        let changes = [8, 7, 6].map { Self.change($0) }
        let answers = bridge.send(.recalled(number, changes)).answers
        let answer = try #require(answers.first)
        #expect(
            answer.hasPrefix(
                #"presence/response/bob/phone {"id":7,"operation":"history","result":{"changes":["#
                    + #"{"id":"8","time":8,"type":"status","status":{"seq":8}},"#
                    + #"{"id":"7","time":7,"type":"status","status":{"seq":7}}],"cursor":""#
            )
        )
        let cursor = try #require(answer.split(separator: "\"").dropLast().last)
        let next = bridge.send(
            .asks("bob", "history", #"{"after":5,"pageSize":2,"cursor":"\#(cursor)"}"#)
        )
        let (second, rest) = try #require(query(next))
        #expect(rest == HistoryQuery(of: bob, after: 5, below: 7, limit: 3))
        let last = bridge.send(.recalled(second, [Self.change(6)])).answers
        #expect(last.first?.hasSuffix(#""status":{"seq":6}}]}}"#) == true)
        // It is bound to who got it.
        let foreign = bridge.send(.asks("eve", "history", #"{"cursor":"\#(cursor)"}"#))
        #expect(foreign.errorCode == "invalid_page")
    }

    @Test("An operator asks for anybody's")
    func operators() throws {
        var bridge = Self.serving()
        let request = Request.history(after: nil, before: nil, pageSize: nil, cursor: nil)
        let asked = bridge.send(.asked(Question(number: 3, .request(request), about: "bob")))
        let (number, wanted) = try #require(query(asked))
        #expect(wanted == HistoryQuery(of: Name(checked: "bob"), limit: 51))
        let effects = bridge.send(.recalled(number, []))
        #expect(effects.contains(.answer(3, .success(Array(#"{"changes":[]}"#.utf8)))))
    }

    @Test("Where none is kept it is forbidden, and what it may be is checked before")
    func refused() {
        var bridge = Bridge.serving()
        #expect(bridge.send(.asks("bob", "history", "{}")).errorCode == "forbidden")
        let size = bridge.send(.asks("bob", "history", #"{"pageSize":501}"#))
        #expect(size.errorCode == "invalid_page")
        let kind = bridge.send(.asks("bob", "history", #"{"before":"x"}"#))
        #expect(kind.errorCode == "malformed_request")
    }

    @Test("A log that cannot be read is said to be unavailable")
    func unreadable() throws {
        var bridge = Self.serving()
        let (number, _) = try #require(query(bridge.send(.asks("bob", "history", "{}"))))
        #expect(bridge.send(.recalled(number, nil)).errorCode == "unavailable")
        // Nobody waits for it any more.
        #expect(bridge.send(.recalled(number, [])).answers.isEmpty)
    }

    @Test("So many wait for the log at one time, and no more")
    func crowded() {
        var bridge = Bridge.serving {
            $0.historyKeep = .seconds(60)
            $0.requestBurst = 1_000
        }
        for _ in 0..<256 { #expect(query(bridge.send(.asks("bob", "history", "{}"))) != nil) }
        #expect(bridge.send(.asks("bob", "history", "{}")).errorCode == "unavailable")
    }

    @Test("Who asked by a connection that is gone asks again; an operator is answered")
    func disconnected() throws {
        var bridge = Self.serving()
        let (lost, _) = try #require(query(bridge.send(.asks("bob", "history", "{}"))))
        let request = Request.history(after: nil, before: nil, pageSize: nil, cursor: nil)
        let asked = bridge.send(.asked(Question(number: 3, .request(request), about: "bob")))
        let (kept, _) = try #require(query(asked))
        bridge.send(.brokerLost)
        let effects = bridge.send(.recalled(lost, []), .recalled(kept, []))
        #expect(effects == [.answer(3, .success(Array(#"{"changes":[]}"#.utf8)))])
    }
}
