import Presence
import Testing

@testable import PresenceCore

/// One reading after the other.
private struct Reader {
    static let start = Instant(uptime: 1_000_000, unix: 1_700_000_000_000)
    var rereading = Rereading()

    static func after(_ milliseconds: Int64) -> Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    /// A reading of everything that is over after a time; what happens meanwhile is the closure's.
    ///
    /// Returns after how many milliseconds another one follows; where names are to be listed, that comes to
    /// nothing.
    mutating func read(
        isAtConnection: Bool = false,
        taking milliseconds: Int64 = 100,
        _ change: (inout Rereading) -> Void = { _ in }
    ) -> Int64? {
        rereading.begin(7, isAtConnection: isAtConnection, at: Self.start)
        change(&rereading)
        return follow(7, after: milliseconds)
    }

    mutating func follow(_ id: ReadingID, after milliseconds: Int64 = 100) -> Int64? {
        var sequel = rereading.follow(id, isListable: true, at: Self.after(milliseconds))
        if sequel == .names {
            rereading.beginListing(8)
            rereading.cut(8)
            sequel = rereading.follow(8, isListable: true, at: Self.after(milliseconds + 1_000))
        }
        if case .again(let pause) = sequel { return pause }
        return nil
    }
}

@Suite("What is read again")
struct RereadingTests {
    @Test("A whole reading that brings nothing new is the last one", arguments: [false, true])
    func whole(_ isAtConnection: Bool) {
        var reader = Reader()
        let pause = reader.read(isAtConnection: isAtConnection)
        #expect(pause == nil)
    }

    @Test(
        "After one of which something was dropped everything is read at once",
        arguments: [false, true]
    )
    func cut(_ isAtConnection: Bool) {
        var reader = Reader()
        let pause = reader.read(isAtConnection: isAtConnection) { $0.cut(7) }
        #expect(pause == 0)
        let next = reader.read()
        #expect(next == nil, "the next one was whole")
    }

    @Test("So it is after one that lacked what is there, in whichever confirmation that shows")
    func lacking() {
        var reader = Reader()
        let pause = reader.read {
            $0.goOn(from: 7, to: 8)
            $0.goOn(from: 8, to: 9)
            $0.lack(9)
            let early = $0.follow(8, isListable: true, at: Reader.start)
            #expect(early == .nothing, "that one is not the last confirmation")
        }
        #expect(pause == nil)
        let last = reader.follow(9)
        #expect(last == 0)
    }

    @Test(
        "News are a reason in the midst of a connection, and none at its beginning or of a long one"
    )
    func news() {
        var reader = Reader()
        let inTheMidst = reader.read { $0.findNews() }
        #expect(inTheMidst == 0)
        let atConnection = reader.read(isAtConnection: true) { $0.findNews() }
        #expect(atConnection == nil)
        let long = reader.read(taking: 2_000) { $0.findNews() }
        #expect(long == nil)
    }

    @Test("What belongs to another reading is no reason")
    func other() {
        var reader = Reader()
        let pause = reader.read {
            $0.cut(6)
            $0.lack(8)
            $0.goOn(from: 6, to: 9)
        }
        #expect(pause == nil)
        let stray = reader.follow(7)
        #expect(stray == nil, "it is over")
    }

    @Test(
        "A tenth of the time at most goes into long ones",
        arguments: [(1_999, 0), (2_000, 20_000), (7_000, 70_000)] as [(Int64, Int64)]
    )
    func long(_ took: Int64, _ expected: Int64) {
        var reader = Reader()
        let pause = reader.read(taking: took) { $0.cut(7) }
        #expect(pause == expected)
    }

    @Test("Twelve follow one another at most, and the next time it begins anew")
    func most() {
        var reader = Reader()
        for round in 1...12 {
            let pause = reader.read { $0.cut(7) }
            #expect(pause == 0 && reader.rereading.round == round)
        }
        let last = reader.read { $0.cut(7) }
        #expect(last == nil && reader.rereading.round == 0)
        let anew = reader.read { $0.cut(7) }
        #expect(anew == 0 && reader.rereading.round == 1)
        let connection = reader.read(isAtConnection: true)
        #expect(connection == nil && reader.rereading.round == 0)
    }

    @Test("Where the broker sends only so many, what a reading lacks or brings is no reason")
    func limited() {
        var reader = Reader()
        reader.rereading.limit()
        let pause = reader.read {
            $0.lack(7)
            $0.findNews()
        }
        #expect(pause == nil)
        let cut = reader.read { $0.cut(7) }
        #expect(cut == 0, "what it drops is dropped all the same")
    }

    @Test("The names are listed once, after the first that was cut, and that may be all")
    func names() {
        var rereading = Rereading()
        func follow(_ id: ReadingID, isListable: Bool = true) -> Rereading.Sequel {
            rereading.follow(id, isListable: isListable, at: Reader.after(100))
        }
        for isCut in [false, true] {
            rereading.begin(7, isAtConnection: false, at: Reader.start)
            rereading.cut(7)
            #expect(follow(7) == .names)
            rereading.beginListing(8)
            rereading.goOn(from: 8, to: 9)
            if isCut { rereading.cut(9) }
            #expect(follow(9) == (isCut ? .again(after: 0) : .nothing))
        }
        rereading.begin(10, isAtConnection: false, at: Reader.start)
        rereading.cut(10)
        #expect(follow(10) == .again(after: 0), "they were listed already")
        rereading.begin(11, isAtConnection: false, at: Reader.start)
        #expect(follow(11) == .nothing)
        rereading.begin(12, isAtConnection: false, at: Reader.start)
        rereading.cut(12)
        #expect(follow(12, isListable: false) == .again(after: 0), "a list would have no more")
    }

    @Test("A bridge at a limited broker reads everything once more, until the limit is proved")
    func limitedBridge() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        bridge.send(.brokerLost)
        var orders = bridge.send(.brokerFound).readings
        var full = 0
        while let order = orders.first, full < 20 {
            orders.removeFirst()
            if order.scope == .names {
                orders += bridge.send(.readingCut(order.id), .readingEnded(order.id)).readings
                continue
            }
            var found = bridge.found(order.id, order.scope)
            if order.scope == .connection || order.scope == .everyDevice {
                full += 1
                // The broker sends one of two.
                found.removeLast()
                if full == 2 { found.append(.readingsLimited) }
            }
            orders += bridge.send(found + [.readingEnded(order.id)]).readings
        }
        #expect(full == 2)
        #expect(bridge.pass(.seconds(60)).statuses == [])
        #expect(bridge.word("bob") == "online")
    }
}
