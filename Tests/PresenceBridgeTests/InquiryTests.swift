import Mosquitto
import Presence
import PresenceCore
import PresenceStore
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

    @Test("Whatever the core says, each is answered once, at the end at the latest")
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
        #expect(answers.told == ["a is told", "reading what the broker has retained"])
        // The core may take more than one turn. A bridge that ends has none.
        inquiries.close(.ending, isEnding: true) { [] }
        inquiries.close(.ending, isEnding: true) { [] }
        #expect(answers.told.last == "b unavailable")
        #expect(answers.told.count == 3)
    }

    @Test("What is measured is measured once for all who ask in a turn, and not for nobody")
    func measuredOnce() {
        var inquiries = Inquiries()
        let answers = Answers()
        var count = 0
        _ = inquiries.take([.standing { _ in }])
        inquiries.close(.reading) {
            count += 1
            return []
        }
        #expect(count == 0)
        _ = inquiries.take((1...3).map { _ in .measures { answers.note("\($0.count)") } })
        inquiries.close(.reading) {
            count += 1
            return [Measure("a", "b", .counter(1))]
        }
        #expect(count == 1)
        #expect(answers.told == ["1", "1", "1"])
    }

    @Test("A turn takes no more of them than are about so many users, but one in any case")
    func weight() throws {
        let mailbox = try Mailbox()
        let names = (0..<1_000).map { "u\($0)" }
        let ask = { (request: Request) in
            mailbox.post(.question(Question(.request(request))) { _ in })
        }
        ask(.get(Array(names[..<400])))
        ask(.getBrief(Array(names[..<600])))
        ask(.publish(description: "", expiry: nil))
        ask(.get(names + names))
        ask(.online(pageSize: 500, cursor: nil))
        ask(.watchers(pageSize: 500, cursor: nil))
        ask(.subscribe(.users(["a"]), expiry: nil))
        ask(.online(pageSize: .max, cursor: nil))
        ask(.online(pageSize: -1, cursor: nil))
        #expect((1...6).map { _ in mailbox.take().1.count } == [2, 1, 1, 2, 1, 1])
        #expect(mailbox.take().1.count == 1)
    }

    @Test("A loop that could not begin has nobody wait for it, and is told why")
    func unbegun() async throws {
        let mailbox = try Mailbox()
        let answers = Answers()
        mailbox.post(answers.question("before"))
        await #expect(throws: StoreError.self) {
            try await BridgeService.runLoop(mailbox) {
                throw StoreError.full(path: "presence.db")
            }
        }
        #expect(answers.told == ["before unavailable"])
        #expect(await LoopDesk(mailbox: mailbox).readiness() == .unready("ending"))
    }

    @Test("Where HTTP ends by itself the bridge ends, and where it was to end nothing is wrong")
    func endedByItself() async throws {
        let mailbox = try Mailbox()
        await #expect(throws: HTTPServer.Failure.self) {
            try await BridgeService.serve(mailbox) {}
        }
        #expect(mailbox.take().0 == .stop)
        let failure = HTTPServer.Failure("a port is taken")
        await #expect(throws: failure) {
            try await BridgeService.serve(mailbox) { throw failure }
        }
        #expect(mailbox.take().0 == .stop)
        let task = Task {
            try await BridgeService.serve(mailbox) {
                while !Task.isCancelled { await Task.yield() }
            }
        }
        task.cancel()
        try await task.value
        #expect(mailbox.take().0 == [])
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
