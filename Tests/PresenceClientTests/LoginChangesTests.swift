import Presence
import Testing

@testable import PresenceClient

@Suite("Logins and logouts")
struct LoginChangesTests {
    private func status(_ user: String, _ seq: Int64, isOnline: Bool) -> UserStatus {
        let device = DeviceStatus(name: Name(checked: "phone"), status: .online)
        return UserStatus(
            username: Name(checked: user),
            devices: isOnline ? [device] : [],
            seq: seq
        )
    }

    @Test("Only the first login and the last logout are told, and only of those who are watched")
    func edges() {
        let bob = Name(checked: "bob")
        var watch = LoginChanges(of: [bob], from: [status("bob", 1, isOnline: true)])
        #expect(watch.hear(.status(status("bob", 1, isOnline: false))) == nil)
        #expect(watch.hear(.status(status("bob", 2, isOnline: true))) == nil)
        #expect(watch.hear(.status(status("carol", 3, isOnline: true))) == nil)
        #expect(
            watch.hear(.status(status("bob", 4, isOnline: false)))
                == Login(username: bob, isLoggedIn: false)
        )
        #expect(
            watch.hear(.status(status("bob", 5, isOnline: true)))
                == Login(username: bob, isLoggedIn: true)
        )
    }
}
