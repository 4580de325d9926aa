import Presence
import Testing

@testable import PresenceCore

@Suite("The directory of names")
struct DirectoryTests {
    let alice = Name(checked: "alice")
    let bob = Name(checked: "bob")
    let carol = Name(checked: "carol")

    @Test("A name keeps its number, and numbers begin at one")
    func intern() {
        var directory = Directory()
        #expect(directory.intern(alice) == 1)
        #expect(directory.intern(bob) == 2)
        #expect(directory.intern(alice) == 1)
        #expect(directory[2] == bob)
        #expect(directory.name(of: 3) == nil)
        #expect((directory.count, directory.end) == (2, 3))
    }

    @Test("A number is given again only after it was released")
    func release() {
        var directory = Directory()
        let id = directory.intern(alice)
        directory.remove(id)
        #expect(directory.id(of: alice) == nil)
        #expect(directory.intern(bob) == 2)
        directory.release(id)
        #expect(directory.intern(carol) == 1)
        #expect(directory.intern(alice) == 3)
    }

    @Test("Names are restored under their numbers, and the gaps are filled, the lowest first")
    func restore() {
        var directory = Directory()
        directory.restore(bob, as: 4)
        directory.restore(alice, as: 2)
        directory.endRestoring()
        #expect(directory.id(of: bob) == 4)
        #expect(directory.intern(carol) == 1)
        #expect(directory.intern(Name(checked: "dave")) == 3)
        #expect(directory.intern(Name(checked: "erin")) == 5)
    }

    @Test("Names of the same look and other bytes are two")
    func bytes() {
        var directory = Directory()
        let one = directory.intern(Name(checked: "\u{E9}"))
        #expect(directory.intern(Name(checked: "e\u{301}")) != one)
    }

    @Test("A number that the store may still hold is not given to another user")
    func busyStore() {
        var bridge = Bridge.serving { $0.forgetAfter = .seconds(10) }
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "")
        bridge.pass(.seconds(1))
        #expect(bridge.disk.users[1]?.name == alice)
        bridge.storeFault = "disk full"
        bridge.pass(.seconds(10))
        bridge.says("bob/phone", "online")
        #expect(bridge.core.directory.id(of: alice) == nil)
        #expect(bridge.core.directory.id(of: bob) == 2)
        bridge.storeFault = nil
        bridge.pass(.seconds(2))
        #expect(bridge.disk.users.keys.sorted() == [2])
        bridge.says("carol/phone", "online")
        #expect(bridge.core.directory.id(of: carol) == 1)
    }
}
