import Presence
import Testing

@testable import PresenceCore

@Suite("The machine of one device")
struct DeviceMachineTests {
    let limits = Limits()

    func moment(_ milliseconds: Int64) -> Instant {
        Instant(uptime: milliseconds, unix: milliseconds)
    }

    func hear(_ device: inout Device, _ said: Statement, at time: Int64) -> Device.Hearing {
        device.hear(said, limits: limits, second: time / 1_000, at: moment(time))
    }

    var phone: Device { Device(Name(checked: "phone"), epoch: 1, at: moment(0)) }

    @Test("A hearing says whether a grace begins and whether the will is an old one, and no more")
    func hearings() {
        var device = phone
        #expect(hear(&device, Statement(.lost), at: 0) == .heard)
        #expect(hear(&device, Statement(.invisible), at: 0) == .heard)
        #expect(device.shown == nil)
        #expect(hear(&device, Statement(.online, session: "a"), at: 0) == .heard)
        #expect(device.shown == .online)
        #expect(hear(&device, Statement(StatusWord(checked: "away")), at: 0) == .heard)
        #expect(device.shown == StatusWord(checked: "away"))
        #expect(hear(&device, Statement(.lost, session: "b"), at: 0) == .stale)
        #expect(device.isContradicted)
        #expect(hear(&device, Statement(.lost, session: "a"), at: 0) == .departing)
        #expect(!device.isContradicted)
        #expect(hear(&device, Statement(.offline), at: 0) == .heard)
        #expect(device.departure?.cause == .lost)
        #expect(hear(&device, Statement(StatusWord(checked: "away")), at: 0) == .heard)
        #expect(device.departure == nil)
        #expect(hear(&device, Statement(.invisible), at: 0) == .departing)
        #expect(device.shown == StatusWord(checked: "away"))
    }

    @Test("A device that is hidden is not asked whether it is there, and no grace of it runs")
    func hiddenOnly() {
        var device = phone
        _ = hear(&device, Statement(.online, session: "a"), at: 0)
        _ = hear(&device, Statement(.lost, session: "a"), at: 1_000)
        device.doubt(until: 9_000)
        #expect(device.doubtEnds == 9_000)
        device.hide(at: moment(4_000))
        #expect(device.departure == nil)
        #expect(device.doubtEnds == nil)
        device.doubt(until: 9_000)
        #expect(device.doubtEnds == nil)
        #expect(hear(&device, Statement(.lost, session: "b"), at: 5_000) == .stale)
        #expect(device.isInDoubt)
        #expect(device.hiddenSince == 4_000)
        _ = hear(&device, Statement(.invisible), at: 6_000)
        #expect(!device.isInDoubt)
    }

    @Test("What a verdict overruled is known until the verdict has arrived, or the device speaks")
    func overruled() {
        let online = Statement(.online, ttl: 5)
        var device = phone
        _ = hear(&device, online, at: 0)
        device.hide(verdict: Statement(.lost, cause: .ttl), at: moment(5_000))
        #expect(device.wasOverruled(online))
        var confirmed = device
        confirmed.confirmVerdict()
        #expect(!confirmed.wasOverruled(online))
        _ = hear(&device, Statement(.invisible), at: 6_000)
        #expect(!device.wasOverruled(online))
    }

    @Test("A grace ends once, and the device is hidden from then on until it is forgotten")
    func passing() {
        var device = phone
        _ = hear(&device, Statement(.online), at: 1_000)
        #expect(device.nextDue(forgetAfter: limits.deviceForgetAfter) == nil)
        _ = hear(&device, Statement(.lost), at: 2_000)
        #expect(device.nextDue(forgetAfter: limits.deviceForgetAfter) == 5_000)
        #expect(device.pass(limits: limits, at: moment(4_999)) == .nothing)
        let departure = Departure(cause: .lost, came: 2, ends: 5_000)
        #expect(device.pass(limits: limits, at: moment(5_000)) == .gone(departure))
        device.hide(at: moment(5_000))
        #expect(device.shown == nil)
        #expect(device.nextDue(forgetAfter: limits.deviceForgetAfter) == 86_405_000)
        #expect(device.pass(limits: limits, at: moment(86_404_999)) == .nothing)
        #expect(device.pass(limits: limits, at: moment(86_405_000)) == .forgotten)
    }

    @Test("A broken promise within a long grace is worth no more than the grace")
    func promise() {
        var device = phone
        _ = hear(&device, Statement(.online, ttl: 5), at: 1_000)
        #expect(device.nextDue(forgetAfter: limits.deviceForgetAfter) == 6_000)
        let departure = Departure(cause: .ttl, came: 1, ends: 6_000)
        #expect(device.pass(limits: limits, at: moment(6_000)) == .gone(departure))
        _ = hear(&device, Statement(.offline), at: 6_500)
        #expect(device.ttlEnds == nil)
    }

    @Test("What is found matches when word, promise and session do, or it names no session")
    func matches() {
        var device = phone
        _ = hear(&device, Statement(.online, ttl: 5, session: "a"), at: 0)
        #expect(device.matches(Statement(.online, ttl: 5)))
        #expect(device.matches(Statement(.online, ttl: 5, session: "a", by: "x")))
        #expect(!device.matches(Statement(.online)))
        #expect(!device.matches(Statement(.online, ttl: 5, session: "b")))
        #expect(!device.matches(Statement(.lost, ttl: 5)))
    }

    @Test("What is held changes nothing that is shown, and a live word ends it")
    func held() {
        var hidden = phone
        hidden.unproven = Statement(.online)
        #expect(hidden.awaitsProof)
        #expect(hidden.shown == nil)
        #expect(hear(&hidden, Statement(.online), at: 0) == .heard)
        #expect(!hidden.awaitsProof)
        hidden.unproven = Statement(.offline)
        #expect(!hidden.awaitsProof)
        #expect(hidden.unproven == Statement(.offline))
        #expect(hidden.shown == .online)
        #expect(hear(&hidden, Statement(.online), at: 0) == .heard)
        #expect(hidden.unproven == nil)
    }
}
