import Curl
import Logging
import Presence
import PresenceCore
import PresenceStore
import Testing

@testable import PresenceBridge

/// A change log in memory, all of it for the receiver.
private struct Log: WebhookSource {
    var rows: [LoggedChange] = []
    var isReadable = true
    var last: Int64 { rows.last?.id ?? 0 }

    mutating func add(_ kind: LoggedChange.Kind = .online, bytes: Int = 2) {
        let status = Array(("\"" + String(repeating: "x", count: bytes - 2) + "\"").utf8)
        rows.append(
            LoggedChange(
                id: last + 1,
                user: Name(checked: "bob"),
                time: 7,
                kind: kind,
                status: status
            )
        )
    }

    func next(
        for position: WebhookPosition,
        after id: Int64,
        of kinds: Set<LoggedChange.Kind>,
        limit: Int
    ) throws(StoreError) -> (changes: [LoggedChange], through: Int64) {
        guard isReadable else { throw .readFailed(path: "log", reason: "it is broken") }
        let start = id < position.held ? id : max(id, position.passed)
        let changes = rows.filter { $0.id > start }.prefix(limit)
        return (Array(changes), changes.count < limit ? last : changes.last?.id ?? id)
    }

    func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition {
        var position = position
        let surplus = last - position.passed - backlog.most
        if surplus > 0 {
            position.skip(surplus, passing: position.passed + surplus, condensingThrough: 0)
        }
        return position
    }
}

@Suite("A webhook's courier")
struct CourierTests {
    private var log = Log()

    private func courier(_ flags: [String] = []) throws -> Courier {
        let configuration = try Configuration.load(
            Configuration.Origin(
                arguments: ["--webhook", "http://h/?secret", "--store", ":memory:"] + flags
            )
        )
        let webhook = try #require(Webhook.all(in: configuration.settings).first)
        return Courier(
            webhook,
            from: WebhookPosition(webhook.address.url, taken: 0),
            random: SystemRandomNumberGenerator()
        )
    }

    private func request(_ request: HTTPRequest?) throws -> HTTPRequest { try #require(request) }

    private func at(_ uptime: Int64) -> Instant {
        Instant(uptime: uptime, unix: 1_000_000 + uptime)
    }

    private static let well = WebhookOutcome.answered(status: 204, pause: nil, location: nil)

    @Test("A change waits for others, so long and no longer; a full batch does not wait")
    mutating func collecting() throws {
        var courier = try courier(["--webhook_batch", "2", "--webhook_delay", "500ms"])
        #expect(courier.next(at: at(0), log) == nil)
        #expect(courier.waitsForNews(log))
        #expect(courier.nextStep(log) == .max)
        log.add()
        #expect(courier.next(at: at(10), log) == nil)
        #expect(courier.nextStep(log) == 510)
        #expect(courier.next(at: at(509), log) == nil)
        let first = try request(courier.next(at: at(510), log))
        #expect(first.headers.contains { $0 == ("webhook-id", "1-1") })
        log.add()
        log.add()
        // One at a time.
        #expect(courier.next(at: at(600), log) == nil)
        courier.take(Self.well, at: at(700))
        #expect(courier.position.taken == 1)
        let second = try request(courier.next(at: at(700), log))
        #expect(second.headers.contains { $0 == ("webhook-id", "2-3") })
    }

    @Test("What is not wanted is passed over, and is no reason for a request")
    mutating func kinds() throws {
        var courier = try courier(["--webhook_delay", "0"])
        log.add(.status)
        log.add(.devices)
        #expect(courier.next(at: at(0), log) == nil)
        #expect(courier.position.taken == 2)
        #expect(courier.waitsForNews(log))
        log.add(.description)
        log.add(.offline)
        log.add(.status)
        let request = try request(courier.next(at: at(0), log))
        #expect(request.headers.contains { $0 == ("webhook-id", "4-4") })
        courier.take(Self.well, at: at(1))
        #expect(courier.position.taken == 5)
    }

    @Test("A batch is no longer than a mebibyte, unless one change is")
    mutating func room() throws {
        var courier = try courier(["--webhook_delay", "0"])
        for size in [700_000, 300_000, 100_000, 2_000_000, 10] { log.add(bytes: size) }
        for id in ["1-2", "3-3", "4-4", "5-5"] {
            let request = try request(courier.next(at: at(0), log))
            #expect(request.headers.contains { $0 == ("webhook-id", id) })
            courier.take(Self.well, at: at(0))
        }
    }

    @Test("The pauses double to five minutes, and one that is wanted is kept to")
    mutating func pauses() throws {
        var courier = try courier(["--webhook_delay", "0"])
        log.add()
        var now: Int64 = 0
        for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] {
            #expect(courier.next(at: at(now), log) != nil)
            courier.take(.failed("x"), at: at(now))
            #expect(courier.next(at: at(now + Int64(pause) * 1_000 - 1), log) == nil)
            now += Int64(pause) * 1_250
        }
        #expect(courier.counts.failures == 12)
        #expect(courier.takeRemarks().count == 4)
        _ = courier.next(at: at(now), log)
        courier.take(.answered(status: 429, pause: 900_000, location: nil), at: at(now))
        #expect(courier.next(at: at(now + 899_999), log) == nil)
        #expect(courier.next(at: at(now + 900_000), log) != nil)
        courier.take(Self.well, at: at(now + 900_000))
        let remarks = courier.takeRemarks()
        #expect(remarks.last?.level == .notice)
        #expect(remarks.last?.text.hasPrefix("webhook http://h/: it takes changes again") == true)
        #expect(courier.position.taken == 1)
    }

    @Test("A batch that was tried stays as it is; what is left out is said in the one behind it")
    mutating func skipping() throws {
        var courier = try courier(["--webhook_delay", "0", "--webhook_rows", "3"])
        log.add()
        let first = try request(courier.next(at: at(0), log))
        courier.take(.failed("x"), at: at(0))
        for _ in 0..<9 { log.add() }
        #expect(courier.next(at: at(100), log) == nil)
        let again = try request(courier.next(at: at(70_000), log))
        #expect(again.body == first.body)
        #expect(courier.position.skipped == 6)
        courier.take(Self.well, at: at(70_000))
        #expect(courier.position.skipped == 6)
        let second = try request(courier.next(at: at(70_000), log))
        let text = String(decoding: second.body ?? [], as: UTF8.self)
        #expect(text.hasSuffix(#""skipped":6}"#))
        courier.take(Self.well, at: at(70_000))
        #expect(courier.position.skipped == 0)
        #expect(courier.counts.skipped == 6)
    }

    @Test("After a restart, too, what is left out is said in every batch until one is taken")
    mutating func skippedEarlier() throws {
        let webhook = try courier(["--webhook_delay", "0", "--webhook_batch", "4"]).webhook
        // Tried as one batch, of what lay on both sides of a gap, and cut meanwhile.
        let position = try #require(
            WebhookPosition(
                webhook.address.url,
                taken: 0,
                held: 9,
                passed: 9,
                condensed: 9,
                skipped: 5
            )
        )
        for _ in 0..<9 { log.add() }
        log.rows.removeSubrange(1..<6)
        var courier = Courier(webhook, from: position, random: SystemRandomNumberGenerator())
        let first = try request(courier.next(at: at(0), log))
        #expect(String(decoding: first.body ?? [], as: UTF8.self).hasSuffix(#""skipped":5}"#))
        courier.take(Self.well, at: at(0))
        #expect(courier.position.skipped == 0)
    }

    @Test("A log that cannot be read is read again later, and said; what is on its way stays so")
    mutating func unreadable() throws {
        var courier = try courier(["--webhook_delay", "0", "--webhook_keep", "60s"])
        log.add()
        log.isReadable = false
        #expect(courier.next(at: at(0), log) == nil)
        #expect(courier.takeRemarks().first?.text.contains("cannot be read") == true)
        // Nothing was sent that could have failed.
        #expect(courier.counts.failures == 0)
        #expect(courier.counts.oldest != nil)
        log.isReadable = true
        #expect(courier.next(at: at(999), log) == nil)
        let first = try request(courier.next(at: at(1_250), log))
        log.add()
        log.isReadable = false
        for time in stride(from: Int64(2_000), to: 14_000, by: 1_000) {
            #expect(courier.next(at: at(time), log) == nil)
        }
        courier.take(.failed("x"), at: at(14_000))
        let again = try request(courier.next(at: at(17_000), log))
        #expect(again.body == first.body)
        courier.take(Self.well, at: at(17_000))
        #expect(courier.position.taken == 1)
        #expect(courier.next(at: at(17_000), log) == nil)
        log.isReadable = true
        #expect(courier.next(at: at(19_000), log) != nil)
    }

    @Test("What came while a request was on its way has waited since")
    mutating func waited() throws {
        var courier = try courier(["--webhook_delay", "10s"])
        log.add()
        _ = courier.next(at: at(0), log)
        _ = try request(courier.next(at: at(10_000), log))
        log.add()
        courier.take(Self.well, at: at(15_000))
        #expect(courier.next(at: at(19_999), log) == nil)
        #expect(courier.next(at: at(20_000), log) != nil)
    }

    @Test("Of a pointer elsewhere what may be secret is not said")
    mutating func pointers() throws {
        for (location, shown) in [
            ("https://u:p@h/x?token=geheim", "https://h/x"), ("/there?token=geheim", "/there"),
            ("/a\u{1B}[2Jb", "/a\\u{1B}[2Jb"),
        ] {
            let response = HTTPResponse(status: 302, location: location)
            let outcome = WebhookOutcome(.success(response), at: 10)
            #expect(outcome == .answered(status: 302, pause: nil, location: shown))
        }
    }

    @Test("Receivers whose URLs look alike without their secrets are told apart")
    func names() throws {
        let urls = "http://h/?a http://h/?b http://x:y@h/ http://i/"
        let configuration = try Configuration.load(
            Configuration.Origin(arguments: ["--webhook", urls])
        )
        let names = Webhook.all(in: configuration.settings).map(\.name)
        #expect(names == ["http://h/", "http://h/ (2)", "http://h/ (3)", "http://i/"])
    }

    @Test("A URL that is none is refused, and not quoted")
    func secrets() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(
                Configuration.Origin(arguments: ["--webhook", "https://bob:geheim@h:99999/"])
            )
        }
        #expect(error?.description.contains("in place 1") == true)
        #expect(error?.description.contains("geheim") == false)
    }

    @Test("Who answers 410 is sent nothing more")
    mutating func ended() throws {
        var courier = try courier(["--webhook_delay", "0"])
        log.add()
        _ = courier.next(at: at(0), log)
        courier.take(.answered(status: 410, pause: nil, location: nil), at: at(0))
        #expect(courier.hasEnded)
        log.add()
        #expect(courier.next(at: at(1_000_000), log) == nil)
        #expect(courier.position.taken == 0)
    }

    @Test("Retry-After is seconds or a date, and a day at most")
    func retryAfter() {
        for (text, pause) in [
            ("7", 7_000), ("0", 0), ("-5", nil), ("999999999", 86_400_000),
            ("99999999999999999999", 86_400_000), ("soon", nil),
            ("Thu, 01 Jan 1970 00:00:30 GMT", 20_000), ("Thu, 01 Jan 1970 00:00:01 GMT", 0),
        ] as [(String, Int64?)] {
            let response = HTTPResponse(status: 503, retryAfter: text)
            let outcome = WebhookOutcome(.success(response), at: 10)
            #expect(outcome == .answered(status: 503, pause: pause, location: nil))
        }
    }
}
