import Presence
import Testing

@testable import PresenceClient

private let now = ContinuousClock.now

@Suite("Requests that wait for answers")
struct PendingRequestsTests {
    private let request = Request.get(["bob"])

    @Test("A request is sent at once, again after a while, and given up in time")
    func sending() {
        var requests = PendingRequests()
        let number = requests.add(request, at: now, until: now + .seconds(10))
        #expect(requests.due(at: now).map(\.number) == [number])
        #expect(requests.due(at: now).isEmpty)
        #expect(requests.nextSending == now + PendingRequests.resendAfter)
        #expect(requests.due(at: now + PendingRequests.resendAfter).map(\.request) == [request])
        #expect(requests.expire(at: now + .seconds(9)).isEmpty)
        #expect(requests.nextExpiry == now + .seconds(10))
        #expect(requests.expire(at: now + .seconds(10)).map(\.number) == [number])
        #expect(requests.isEmpty && requests.nextExpiry == nil && requests.nextSending == nil)
    }

    @Test("On a new connection all are sent again, in the order in which they were added")
    func again() {
        var requests = PendingRequests()
        let numbers = (0..<20).map { _ in
            requests.add(request, at: now, until: now + .seconds(10))
        }
        _ = requests.due(at: now)
        requests.resendAll(at: now)
        #expect(requests.due(at: now).map(\.number) == numbers)
    }

    @Test("One that came too early is put off, unless its time would be over")
    func postponing() {
        var requests = PendingRequests()
        let number = requests.add(request, at: now, until: now + .seconds(10))
        _ = requests.due(at: now)
        let waits = requests.postpone(number, by: 5, at: now)
        #expect(waits)
        #expect(requests.due(at: now + .seconds(4)).isEmpty)
        #expect(requests.due(at: now + .seconds(5)).count == 1)
        let isTooLate = requests.postpone(number, by: 10, at: now)
        #expect(!isTooLate)
        #expect(requests.end(number) == request)
        #expect(requests.end(number) == nil)
        let isOver = requests.postpone(number, by: 1, at: now)
        #expect(!isOver)
    }
}
