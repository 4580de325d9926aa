import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

/// Bridges that share a store: the one with the highest term owns it.
@Suite("Which bridge serves, of those that share a store")
struct DutyTermTests {
    private func at(_ uptime: Int64) -> Instant {
        Instant(uptime: uptime, unix: 1_000_000 + uptime)
    }

    private func process(_ term: Int64, _ bridge: String = "other") -> BridgeProcessID {
        BridgeProcessID(bridge: bridge, nonce: bridge, started: 90, term: term)
    }

    /// A process that serves under term 5.
    private func serving() -> Duty {
        var duty = Duty(process(5, "own"))
        _ = duty.connect(at: at(0))
        _ = duty.hearEcho(at: at(0))
        return duty
    }

    @Test("Whoever serves gives way to a higher term that asks, and to no other")
    func asked() {
        var duty = serving()
        for term in 0...5 as ClosedRange<Int64> {
            let actions = duty.hear(DutyMessage(.asking, process(term), since: 1), at: at(1))
            #expect(actions == [.say(.serving, since: 1_000_000)])
        }
        #expect(duty.hear(DutyMessage(.asking, process(6), since: 1), at: at(2)) == [.giveWay])
        #expect(!duty.isServing)
    }

    @Test("Of two that serve the higher term does, whenever it began")
    func bothServe() {
        var duty = serving()
        let early = duty.hear(DutyMessage(.serving, process(4), since: 1), at: at(1))
        #expect(early == [.say(.serving, since: 1_000_000)])
        let late = DutyMessage(.serving, process(6), since: 9_000_000)
        #expect(duty.hear(late, at: at(2)) == [.giveWay])
        // It stands by for the other one when it is back.
        _ = duty.connect(at: at(3))
        _ = duty.hear(late, at: at(4))
        _ = duty.hearEcho(at: at(4))
        #expect(duty.standsBy)
    }

    @Test("Of two that ask the higher term is waited for, whoever came first")
    func bothAsk() {
        for term in [4, 6] as [Int64] {
            var duty = Duty(process(5, "own"))
            _ = duty.connect(at: at(0))
            _ = duty.hear(DutyMessage(.asking, process(term), since: 2_000_000), at: at(1))
            let serves = duty.hearEcho(at: at(2)).contains(.serve)
            #expect(serves == (term < 5))
        }
    }

    @Test("The term is said where there is one")
    func message() throws {
        for term in [0, 7] as [Int64] {
            let message = DutyMessage(.serving, process(term), since: 5)
            #expect(String(decoding: message.payload, as: UTF8.self).contains("term") == (term > 0))
            #expect(DutyMessage(reading: message.payload, of: "other") == message)
        }
    }
}
