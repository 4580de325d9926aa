import Presence
import Testing

@testable import PresenceClient

private let now = ContinuousClock.now

@Suite("Questions that wait for answers")
struct QuestionsTests {
    private let request = Request.get(["bob"])

    @Test("A question is sent at once, again when its patience is over, and given up in time")
    func patience() {
        var questions = Questions()
        let number = questions.ask(request, at: now, until: now + .seconds(10))
        #expect(questions.due(at: now).map(\.number) == [number])
        #expect(questions.due(at: now).isEmpty)
        #expect(questions.nextSending == now + Questions.patience)
        #expect(questions.due(at: now + Questions.patience).map(\.request) == [request])
        #expect(questions.expire(at: now + .seconds(9)).isEmpty)
        #expect(questions.nextExpiry == now + .seconds(10))
        #expect(questions.expire(at: now + .seconds(10)).map(\.number) == [number])
        #expect(questions.isEmpty && questions.nextExpiry == nil && questions.nextSending == nil)
    }

    @Test("On a new connection all are sent again, in the order in which they were asked")
    func again() {
        var questions = Questions()
        let numbers = (0..<20).map { _ in
            questions.ask(request, at: now, until: now + .seconds(10))
        }
        _ = questions.due(at: now)
        questions.repeatAll(at: now)
        #expect(questions.due(at: now).map(\.number) == numbers)
    }

    @Test("One that came too early is put off, unless its time would be over")
    func postponing() {
        var questions = Questions()
        let number = questions.ask(request, at: now, until: now + .seconds(10))
        _ = questions.due(at: now)
        let waits = questions.postpone(number, by: 5, at: now)
        #expect(waits)
        #expect(questions.due(at: now + .seconds(4)).isEmpty)
        #expect(questions.due(at: now + .seconds(5)).count == 1)
        let isTooLate = questions.postpone(number, by: 10, at: now)
        #expect(!isTooLate)
        #expect(questions.end(number) == request)
        #expect(questions.end(number) == nil)
        let isOver = questions.postpone(number, by: 1, at: now)
        #expect(!isOver)
    }
}
