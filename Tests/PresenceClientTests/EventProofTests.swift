import Testing

@testable import PresenceClient

private let now = ContinuousClock.now

@Suite("Whether events arrive")
struct EventProofTests {
    /// A proof of a connection that has just begun.
    private var fresh: EventProof {
        var proof = EventProof()
        proof.connected(at: now)
        return proof
    }

    @Test("Without an event it looks ever more rarely, and with one no more")
    func looks() {
        var step: EventProof.Step
        var proof = fresh
        var time = now
        var pauses: [Duration] = []
        for _ in 0..<9 {
            let next = proof.nextStep ?? time
            pauses.append(next - time)
            time = next
            step = proof.step(at: time - .milliseconds(1))
            #expect(step == .none)
            step = proof.step(at: time)
            #expect(step == .look)
            #expect(proof.nextStep == nil)
            step = proof.step(at: time)
            #expect(step == .none)
            proof.looked(hasNews: false, at: time)
        }
        let seconds: [Duration] = [5, 10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) }
        #expect(pauses == seconds)
        let wasMissing = proof.heard()
        #expect(!wasMissing && proof.nextStep == nil)
    }

    @Test("What an answer brings and no event does is told once, and events are asked for instead")
    func missing() {
        var step: EventProof.Step
        var proof = fresh
        var time = now + EventProof.soonest
        step = proof.step(at: time)
        #expect(step == .look)
        proof.looked(hasNews: true, at: time)
        step = proof.step(at: time)
        #expect(step == .none)
        time += EventProof.grace
        step = proof.step(at: time)
        #expect(step == .tell)
        #expect(proof.isMissing && proof.nextStep == time + EventProof.instead)
        for hasNews in [true, false, true] {
            time = proof.nextStep ?? time
            step = proof.step(at: time)
            #expect(step == .look)
            proof.looked(hasNews: hasNews, at: time)
            guard hasNews else { continue }
            step = proof.step(at: time + EventProof.grace)
            #expect(step == .none)
        }
        let wasMissing = proof.heard()
        #expect(wasMissing && !proof.isMissing)
    }

    @Test("An event that was on its way, and a new connection, end the doubt")
    func doubt() {
        var step: EventProof.Step
        var late = fresh
        _ = late.step(at: now + EventProof.soonest)
        late.looked(hasNews: true, at: now + EventProof.soonest)
        let wasMissing = late.heard()
        #expect(!wasMissing)
        step = late.step(at: now + .seconds(600))
        #expect(step == .none)
        var cut = fresh
        _ = cut.step(at: now + EventProof.soonest)
        cut.connected(at: now + EventProof.soonest)
        cut.looked(hasNews: true, at: now + .seconds(6))
        step = cut.step(at: now + .seconds(9))
        #expect(step == .none)
        #expect(cut.nextStep == now + EventProof.soonest * 2)
    }
}
