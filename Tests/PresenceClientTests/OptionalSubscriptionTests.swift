import Testing

@testable import PresenceClient

@Suite("A subscription that a client can do without")
struct OptionalSubscriptionTests {
    @Test("It is given up after two connections in a row that ended over it")
    func givenUp() {
        var subscription = OptionalSubscription()
        subscription.asked(3)
        subscription.connectionEnded()
        #expect(subscription.isWanted)
        subscription.asked(3)
        subscription.connectionEnded()
        #expect(!subscription.isWanted)
    }

    @Test("An answer, also a refusal, keeps it, and so does an end that has another reason")
    func kept() {
        var subscription = OptionalSubscription()
        for round in 0..<5 {
            subscription.asked(3)
            if round == 1 {
                subscription.answered(4)
                subscription.answered(3)
            }
            if round.isMultiple(of: 2) { subscription.answered(3) }
            subscription.connectionEnded()
            subscription.connectionEnded()
        }
        #expect(subscription.isWanted)
    }
}
