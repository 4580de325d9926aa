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

    private func process(
        _ term: Int64,
        _ bridge: String = "other",
        store: Int64 = 7
    ) -> BridgeProcessID {
        let term = StoreTerm(number: term, store: store)
        return BridgeProcessID(bridge: bridge, nonce: bridge, started: 90, term: term)
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

    @Test("Terms of another store say nothing")
    func otherStore() {
        var duty = serving()
        let other = process(50, store: 8)
        let asked = duty.hear(DutyMessage(.asking, other, since: 1), at: at(1))
        #expect(asked == [.say(.serving, since: 1_000_000)])
        let late = duty.hear(DutyMessage(.serving, other, since: 9_000_000), at: at(2))
        #expect(late == [.say(.serving, since: 1_000_000)])
    }

    @Test("Whoever has given way to a higher term serves no more, whoever is there")
    func outranked() {
        var duty = serving()
        _ = duty.hear(DutyMessage(.asking, process(6), since: 1), at: at(1))
        for second in 1...60 as ClosedRange<Int64> {
            _ = duty.connect(at: at(second * 1_000))
            #expect(!duty.hearEcho(at: at(second * 1_000 + 1)).contains(.serve))
            #expect(!duty.step(at: at(second * 1_000 + 900)).contains(.serve))
            // It does not turn round and round meanwhile.
            #expect(duty.nextStep == second * 1_000 + 1_000)
        }
    }

    @Test("Whoever cannot ask the store takes nobody for dead, and serves where nobody is")
    func unconfirmed() {
        for isThere in [true, false] {
            var duty = Duty(process(5, "own"))
            duty.isConfirmed = false
            _ = duty.connect(at: at(0))
            if isThere { _ = duty.hearState(of: "other", started: 90, at: at(1)) }
            #expect(duty.hearEcho(at: at(2)).contains(.serve) == !isThere)
            guard isThere else { continue }
            for second in 1...60 as ClosedRange<Int64> {
                #expect(duty.step(at: at(second * 1_000)) == [.say(.asking, since: 1_000_000)])
                #expect(duty.nextStep == second * 1_000 + 1_000)
            }
            duty.isConfirmed = true
            let actions = duty.step(at: at(60_001))
            #expect(actions.contains(.retire(bridge: "other")) && actions.contains(.serve))
        }
    }

    @Test("The term is said where there is one")
    func message() throws {
        for term in [0, 7] as [Int64] {
            let message = DutyMessage(.serving, process(term, store: term), since: 5)
            #expect(String(decoding: message.payload, as: UTF8.self).contains("term") == (term > 0))
            #expect(DutyMessage(reading: message.payload, of: "other") == message)
        }
    }
}
