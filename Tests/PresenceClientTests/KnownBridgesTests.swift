import Presence
import Testing

@testable import PresenceClient

@Suite("What bridges say of themselves")
struct KnownBridgesTests {
    private let id = Name(checked: "presence-bridge")
    private let state = BridgeState(version: "1", started: 100, epoch: 1, grace: 60)

    @Test("The first state is no absence, a new start is one, and a new epoch is seen")
    func changes() {
        var watch = KnownBridges()
        #expect(!watch.isAway)
        #expect(watch.hear(state.payload, of: id) == .here(state, missed: false, epochRose: false))
        #expect(watch.hear(state.payload, of: id) == .none)
        #expect(watch.hear(BridgeState.offline, of: id) == .gone)
        #expect(watch.isAway && watch.state == nil)
        #expect(watch.hear(state.payload, of: id) == .here(state, missed: true, epochRose: false))
        var later = state
        later.started = 200
        later.epoch = 2
        #expect(watch.hear(later.payload, of: id) == .here(later, missed: true, epochRose: true))
        #expect(watch.state == later)
    }

    @Test("A bridge that is away from the start is away, and that is said once")
    func away() {
        var watch = KnownBridges()
        #expect(watch.hear(BridgeState.offline, of: id) == .gone)
        #expect(watch.hear(BridgeState.offline, of: id) == .none)
        #expect(watch.isAway)
    }

    @Test("Two that are online below one prefix are seen, until one of them goes")
    func several() {
        var watch = KnownBridges()
        _ = watch.hear(state.payload, of: id)
        #expect(watch.several.isEmpty)
        let other = Name(checked: "b3")
        _ = watch.hear(state.payload, of: other)
        #expect(watch.several == [other, id])
        _ = watch.hear(BridgeState.offline, of: other)
        #expect(watch.several.isEmpty && watch.ids == [id])
    }

    @Test("What a renamed bridge left behind does not hide the one that is there")
    func renamed() {
        var watch = KnownBridges()
        _ = watch.hear(state.payload, of: id)
        #expect(watch.hear(BridgeState.offline, of: Name(checked: "older")) == .none)
        #expect(!watch.isAway && watch.state == state)
    }
}
