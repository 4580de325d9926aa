import Mosquitto
import Presence
import PresenceCore
import Synchronization
import Testing

@testable import PresenceBridge
@testable import PresenceHTTP

@Suite("What other threads ask of the loop")
struct InquiryTests {
    /// The answers that have come.
    private final class Answers: Sendable {
        private let all = Mutex<[String]>([])
        var told: [String] { all.withLock { $0 } }

        func note(_ text: String) { all.withLock { $0.append(text) } }

        func question(_ user: String) -> Inquiry {
            .question(Question(.status, about: user)) { [self] answer in
                switch answer {
                case .success: note("\(user) is told")
                case .failure(let refusal): note("\(user) \(refusal.code.rawValue)")
                }
            }
        }
    }

    @Test("A turn takes so many of them, and the next one begins at once for the rest")
    func bound() throws {
        let mailbox = try Mailbox()
        let answers = Answers()
        for number in 0..<Mailbox.inquiriesPerTurn + 1 {
            mailbox.post(answers.question("u\(number)"))
        }
        mailbox.post(.reload)
        mailbox.waker.wait(for: nil, milliseconds: 0)
        let (orders, first) = mailbox.take()
        #expect(orders == .reload)
        #expect(first.count == Mailbox.inquiriesPerTurn)
        // It was woken by the rest alone.
        let begun = ContinuousClock.now
        mailbox.waker.wait(for: nil, milliseconds: 10_000)
        #expect(ContinuousClock.now - begun < .seconds(5))
        let (none, rest) = mailbox.take()
        #expect(none == [])
        #expect(rest.count == 1)
        #expect(mailbox.take().1.isEmpty)
    }

    @Test("A loop that has ended refuses what waits, and what comes after")
    func closed() throws {
        let mailbox = try Mailbox()
        let answers = Answers()
        mailbox.post(answers.question("before"))
        mailbox.close()
        mailbox.post(answers.question("after"))
        mailbox.post(.standing { answers.note("\($0)") })
        mailbox.post(.measures { answers.note("\($0.count)") })
        #expect(answers.told == ["before unavailable", "after unavailable", "ending", "0"])
    }

    @Test("A loop that is far behind is asked nothing more, and its standing is its silence")
    func crowded() throws {
        let mailbox = try Mailbox()
        let answers = Answers()
        for _ in 0..<Mailbox.mostInquiries { mailbox.post(.measures { _ in }) }
        mailbox.post(answers.question("late"))
        mailbox.post(.standing { answers.note("\($0)") })
        #expect(answers.told == ["late unavailable"])
        _ = mailbox.take()
        mailbox.post(answers.question("in time"))
        #expect(answers.told == ["late unavailable"])
    }

    @Test("Whatever the core says, each is answered once, in the turn that takes it")
    func once() {
        var inquiries = Inquiries()
        let answers = Answers()
        let inputs = inquiries.take([
            answers.question("a"), .standing { answers.note("\($0)") }, answers.question("b"),
        ])
        guard case .asked(let first)? = inputs.first, inputs.count == 2 else {
            Issue.record("\(inputs)")
            return
        }
        inquiries.answer(first.number, .success([]))
        inquiries.answer(first.number, .success([]))
        inquiries.answer(77, .success([]))
        inquiries.close(.reading) { [] }
        inquiries.close(.reading) { [] }
        #expect(
            answers.told == [
                "a is told", "reading what the broker has retained", "b unavailable",
            ]
        )
    }

    @Test("The desk waits for the loop so long and no longer, and is not told twice")
    func desk() async throws {
        let mailbox = try Mailbox()
        let desk = LoopDesk(mailbox: mailbox, patience: .milliseconds(50))
        #expect(await desk.readiness() == nil)
        #expect(await desk.measures() == nil)
        guard case .failure(let refusal) = await desk.ask(Question(.status, about: "bob")) else {
            Issue.record("nobody can have answered")
            return
        }
        #expect(refusal.code == .unavailable)
        // It answers in the end, to nobody.
        for inquiry in mailbox.take().1 {
            if case .standing(let answer) = inquiry { answer(.reading) }
        }
        mailbox.close()
        #expect(await desk.readiness() == .unready("ending"))
    }

    @Test("The number of a status is found behind what a user has written")
    func numbers() {
        let batch =
            #"[{"username":"b","description":",\"seq\":1,","updated":2,"seq":17},{"seq":3}]"#
        #expect(Timings.firstNumber(in: Array(batch.utf8)) == 17)
        #expect(
            Timings.firstNumber(in: Array(#"[{"username":"b","subscription":"expired"}]"#.utf8))
                == nil
        )
        #expect(Timings.firstNumber(in: Array(#"[{"a":1,"seq":"#.utf8)) == nil)
        var timings = Timings { 5_000_000 }
        timings.leave(Array(batch.utf8), at: 1_017, begun: 3_000_000)
        #expect(
            timings.measures[2].value
                == .histogram(
                    {
                        var histogram = Histogram()
                        histogram.record(1_002_000)
                        return histogram
                    }()
                )
        )
    }
}
