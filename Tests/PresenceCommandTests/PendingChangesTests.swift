import PresenceClient
import Testing

@testable import PresenceCommand

private let now = ContinuousClock.now

@Suite("Changes that settle")
struct PendingChangesTests {
    private func status(_ name: String, _ description: String, seq: Int64) -> UserStatus {
        UserStatus(username: Name(checked: name), description: description, seq: seq)
    }

    @Test("What follows within a moment is one with what it follows on, and does not put it off")
    func one() {
        var changes = PendingChanges()
        changes.take(status("bob", "", seq: 1), at: now)
        let late = now + PendingChanges.moment - .milliseconds(1)
        changes.take(status("bob", "in a meeting", seq: 2), at: late)
        #expect(changes.next == now + PendingChanges.moment)
        let early = changes.due(at: late)
        #expect(early.isEmpty)
        let settled = changes.due(at: now + PendingChanges.moment)
        #expect(settled.map(\.description) == ["in a meeting"])
        #expect(changes.next == nil)
        changes.take(status("bob", "", seq: 3), at: late)
        #expect(changes.next == late + PendingChanges.moment)
    }

    @Test("Each user waits for itself, in the order in which they came; what is old is left out")
    func several() {
        var changes = PendingChanges()
        changes.take(status("bob", "b", seq: 5), at: now)
        changes.take(status("alice", "a", seq: 1), at: now + .milliseconds(100))
        changes.take(status("bob", "old", seq: 4), at: now + .milliseconds(100))
        let first = changes.due(at: now + PendingChanges.moment)
        #expect(first.map(\.description) == ["b"])
        changes.take(status("bob", "same", seq: 5), at: now + PendingChanges.moment)
        let rest = changes.due(at: nil)
        #expect(rest.map(\.description) == ["a"])
    }
}
