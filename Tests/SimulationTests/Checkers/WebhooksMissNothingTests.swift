import Presence
import Simulation
import Testing

@Suite("Checker: webhooks miss nothing")
struct WebhooksMissNothingTests {
    private static let url = "https://one.invalid/"

    private func breaches(_ build: (inout Trace) -> Void) -> Int {
        var limits = CheckedLimits()
        (limits.webhooks, limits.webhookKinds) = ([Self.url], [.online])
        return sentences(WebhooksMissNothing.self, limits) { trace in
            let rows = (1...5).map { id in
                Change.log(
                    .put(
                        LoggedChange(
                            id: id,
                            user: Name(checked: "bob"),
                            time: 1,
                            kind: id == 4 ? .status : .online,
                            status: []
                        )
                    )
                )
            }
            trace.add(.stored(rows))
            build(&trace)
        }.count
    }

    private func took(_ ids: Int64..., skipped: Int = 0) -> Entry.Event {
        let rows = ids.map { WebhookSeen.Row(id: $0, user: "bob") }
        return .webhookTook(WebhookSeen(url: Self.url, changes: rows, skipped: skipped))
    }

    @Test("What is told in order, again after a restart, or said to be skipped passes")
    func right() {
        #expect(
            breaches { trace in
                trace.add(took(1, 2))
                trace.add(.bridgeEnded(isCrash: true))
                trace.add(took(2))
                trace.add(took(2, 5, skipped: 1))
                trace.add(.webhooksRest(isDone: true))
            } == 0
        )
    }

    @Test(
        "A gap, a change that was not logged, the wrong order and more skipped than was are found"
    )
    func wrong() {
        #expect(breaches { $0.add(took(2)) } == 1)
        #expect(breaches { $0.add(took(1, 2, 3, 5, 6)) } == 1)
        #expect(breaches { $0.add(took(2, 1, 3)) } == 1)
        #expect(
            breaches { trace in
                trace.add(took(1, 5, skipped: 3))
                trace.add(.webhooksRest(isDone: true))
            } == 1
        )
        #expect(breaches { $0.add(.webhookTook(WebhookSeen(url: Self.url, changes: []))) } == 1)
    }

    @Test("Who is not told the last change, or is told more after the end, is found")
    func ends() {
        #expect(
            breaches { trace in
                trace.add(took(1, 2, 3))
                trace.add(.webhooksRest(isDone: false))
            } == 2
        )
        #expect(
            breaches { trace in
                trace.add(.webhookEnded(url: Self.url))
                trace.add(.webhooksRest(isDone: true))
                trace.add(took(1))
            } == 1
        )
        #expect(
            breaches { trace in
                trace.add(.webhookEnded(url: Self.url))
                trace.add(.bridgeStarted)
                trace.add(took(1, 2, 3, 5))
                trace.add(.webhooksRest(isDone: true))
            } == 0
        )
    }
}
