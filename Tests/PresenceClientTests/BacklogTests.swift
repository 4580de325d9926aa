import Presence
import Testing

@testable import PresenceClient

@Suite("What a slow reader has before it")
struct BacklogTests {
    private func status(_ user: String, _ seq: Int64) -> Update {
        .status(UserStatus(username: Name(checked: user), seq: seq))
    }

    private func read(_ backlog: inout Backlog) -> [Update] {
        var all: [Update] = []
        while let update = backlog.next() { all.append(update) }
        return all
    }

    @Test("Of each user only the newest waits, at the place of the first")
    func newest() {
        var backlog = Backlog(capacity: 10)
        for update in [status("a", 1), status("b", 1), status("a", 2), status("c", 1)] {
            backlog.add(update)
        }
        #expect(read(&backlog) == [status("a", 2), status("b", 1), status("c", 1)])
        backlog.add(status("a", 3))
        #expect(read(&backlog) == [status("a", 3)])
    }

    @Test("Places stay right while some are taken and others come")
    func places() {
        var backlog = Backlog(capacity: 10)
        backlog.add(status("a", 1))
        backlog.add(status("b", 1))
        #expect(backlog.next() == status("a", 1))
        backlog.add(status("c", 1))
        backlog.add(status("b", 2))
        backlog.add(status("a", 2))
        #expect(read(&backlog) == [status("b", 2), status("c", 1), status("a", 2)])
    }

    @Test("What comes after the end of a subscription stands behind it")
    func ends() {
        let end = Update.subscriptionEnded(username: Name(checked: "a"), .expired)
        var backlog = Backlog(capacity: 10)
        for update in [status("a", 1), end, status("a", 2)] { backlog.add(update) }
        #expect(read(&backlog) == [status("a", 1), end, status("a", 2)])
    }

    @Test("The end of a second subscription stands behind what came with it")
    func secondEnd() {
        let end = Update.subscriptionEnded(username: Name(checked: "a"), .expired)
        var backlog = Backlog(capacity: 10)
        for update in [status("a", 1), end, status("a", 2), end] { backlog.add(update) }
        #expect(read(&backlog) == [status("a", 1), end, status("a", 2), end])
    }

    @Test("Past the capacity the oldest gives way, and the reader is told how many")
    func capacity() {
        var backlog = Backlog(capacity: 2)
        for seq in 1...5 { backlog.add(status("user-\(seq)", 1)) }
        #expect(backlog.count == 2)
        #expect(read(&backlog) == [.missed(3), status("user-4", 1), status("user-5", 1)])
        #expect(read(&backlog) == [])
    }
}

@Suite("The streams of a client")
struct UpdatesTests {
    @Test("Each reader has all that is told from its start on, and ends with the client")
    func readers() async {
        let readers = UpdateReaders()
        let first = readers.join(capacity: 10)
        readers.tell(.caughtUp)
        let second = readers.join(capacity: 10)
        readers.tell(.bridge(nil))
        readers.finish()
        var told: [[Update]] = []
        for reader in [first, second, readers.join(capacity: 10)] {
            var updates: [Update] = []
            for await update in reader { updates.append(update) }
            told.append(updates)
        }
        #expect(told == [[.caughtUp, .bridge(nil)], [.bridge(nil)], []])
    }

    @Test("A reader that waits is woken, and one that is cancelled ends")
    func waiting() async {
        let readers = UpdateReaders()
        let updates = readers.join(capacity: 10)
        let reading = Task {
            var count = 0
            for await _ in updates { count += 1 }
            return count
        }
        let first = Task { await readers.join(capacity: 1).first { _ in true } }
        readers.tell(.caughtUp)
        reading.cancel()
        first.cancel()
        #expect(await reading.value <= 1)
        _ = await first.value
    }
}
