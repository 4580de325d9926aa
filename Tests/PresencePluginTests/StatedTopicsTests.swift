import Presence
import PresencePluginCore
import Testing

@Suite("What was stated since the broker's start")
struct StatedTopicsTests {
    private func key(_ user: String, _ device: String) -> DeviceKey {
        DeviceKey(Name(checked: user), Name(checked: device))
    }

    @Test("A topic is noted once, and no longer when it is emptied")
    func noted() {
        var stated = StatedTopics()
        for _ in 0..<2 { stated.note(key("bob", "a"), isEmptied: false) }
        stated.note(key("bob", "b"), isEmptied: false)
        stated.note(key("carol", "a"), isEmptied: false)
        #expect(stated.devices.sorted() == [key("bob", "a"), key("bob", "b"), key("carol", "a")])
        for _ in 0..<2 { stated.note(key("bob", "a"), isEmptied: true) }
        stated.note(key("carol", "a"), isEmptied: true)
        stated.note(key("dave", "a"), isEmptied: true)
        #expect(stated.devices == [key("bob", "b")] && stated.count == 1)
        stated.note(key("bob", "a"), isEmptied: false)
        #expect(stated.count == 2)
    }

    @Test("A user has room for so many devices, and takes none of others")
    func boundedOfUser() {
        var stated = StatedTopics()
        for number in 0..<(StatedTopics.mostOfUser + 10) {
            stated.note(key("eve", "d\(number)"), isEmptied: false)
        }
        stated.note(key("bob", "a"), isEmptied: false)
        #expect(stated.count == StatedTopics.mostOfUser + 1)
        #expect(stated.devices.contains(key("bob", "a")))
        // What is emptied makes room.
        stated.note(key("eve", "d0"), isEmptied: true)
        stated.note(key("eve", "new"), isEmptied: false)
        #expect(stated.devices.contains(key("eve", "new")))
    }

    @Test("All together are bounded, too")
    func bounded() {
        var stated = StatedTopics(most: 3)
        for number in 0..<5 { stated.note(key("u\(number)", "a"), isEmptied: false) }
        #expect(stated.devices.map(\.user.text).sorted() == ["u0", "u1", "u2"])
    }
}
