import Presence
import Testing

@testable import PresenceCore

@Suite("Names as numbers")
struct NamesTests {
    let alice = Name(checked: "alice")
    let bob = Name(checked: "bob")
    let carol = Name(checked: "carol")

    @Test("A name keeps its number, and numbers begin at one")
    func intern() {
        var names = Names()
        #expect(names.intern(alice) == 1)
        #expect(names.intern(bob) == 2)
        #expect(names.intern(alice) == 1)
        #expect(names[2] == bob)
        #expect(names.name(of: 3) == nil)
        #expect((names.count, names.end) == (2, 3))
    }

    @Test("A number is given again only after it was released")
    func release() {
        var names = Names()
        let id = names.intern(alice)
        names.remove(id)
        #expect(names.id(of: alice) == nil)
        #expect(names.intern(bob) == 2)
        names.reuse(id)
        #expect(names.intern(carol) == 1)
        #expect(names.intern(alice) == 3)
    }

    @Test("Names are restored under their numbers, and the gaps are filled, the lowest first")
    func restore() {
        var names = Names()
        names.restore(bob, as: 4)
        names.restore(alice, as: 2)
        names.endRestoring()
        #expect(names.id(of: bob) == 4)
        #expect(names.intern(carol) == 1)
        #expect(names.intern(Name(checked: "dave")) == 3)
        #expect(names.intern(Name(checked: "erin")) == 5)
    }

    @Test("Names of the same look and other bytes are two")
    func bytes() {
        var names = Names()
        let one = names.intern(Name(checked: "\u{E9}"))
        #expect(names.intern(Name(checked: "e\u{301}")) != one)
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
        #expect(bridge.core.names.id(of: alice) == nil)
        #expect(bridge.core.names.id(of: bob) == 2)
        bridge.storeFault = nil
        bridge.pass(.seconds(2))
        #expect(bridge.disk.users.keys.sorted() == [2])
        bridge.says("carol/phone", "online")
        #expect(bridge.core.names.id(of: carol) == 1)
    }
}
