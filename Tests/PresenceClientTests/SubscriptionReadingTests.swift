import Presence
import Testing

@testable import PresenceClient

@Suite("A list of subscriptions that is read page by page")
struct SubscriptionReadingTests {
    private func page(_ total: Int, _ names: Range<Int>) throws -> SubscriptionPage {
        let entries = names.map { #"{"username":"u\#($0)","expires":9}"# }
        let text = #"{"total":\#(total),"subscriptions":[\#(entries.joined(separator: ","))]}"#
        let result = try #require(JSONValue(parsing: Array(text.utf8)).object)
        return try #require(SubscriptionPage(result))
    }

    @Test("Pages are put together until all are there")
    func pages() throws {
        var reading = SubscriptionReading()
        #expect(reading.take(try page(5, 0..<2)) == .read(1))
        #expect(reading.take(try page(5, 2..<4)) == .read(2))
        #expect(reading.take(try page(5, 4..<5)) == .done(try page(5, 0..<5)))
        var empty = SubscriptionReading()
        #expect(empty.take(try page(0, 0..<0)) == .done(try page(0, 0..<0)))
    }

    @Test("A list that changes meanwhile is read again from its beginning")
    func changes() throws {
        var reading = SubscriptionReading()
        #expect(reading.take(try page(4, 0..<2)) == .read(1))
        #expect(reading.take(try page(3, 2..<3)) == .read(0))
        #expect(reading.take(try page(3, 0..<2)) == .read(1))
        #expect(reading.take(try page(3, 2..<3)) == .done(try page(3, 0..<3)))
    }

    @Test("A list that never comes whole is given up", arguments: [1, 500, Int.max])
    func neverWhole(_ total: Int) throws {
        var reading = SubscriptionReading()
        for _ in 1..<10 { #expect(reading.take(try page(total, 0..<0)) == .read(0)) }
        #expect(reading.take(try page(total, 0..<0)) == .failed)
    }
}
