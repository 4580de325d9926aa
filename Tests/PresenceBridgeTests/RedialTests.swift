import Testing

@testable import PresenceBridge

@Suite("Calling the broker again")
struct RedialTests {
    private var random = SystemRandomNumberGenerator()

    @Test("While nobody answers the bridge calls every 100 ms, for two minutes")
    mutating func haste() {
        var redial = Redial(at: 1_000)
        for uptime: Int64 in [1_000, 60_000, 120_999] {
            let pause = redial.pause(isAbsent: true, at: uptime, using: &random)
            #expect((75...100).contains(pause), "\(pause) at \(uptime)")
        }
        let pauses = (0..<8).map { _ in
            redial.pause(isAbsent: true, at: 121_000, using: &random)
        }
        #expect(pauses[1] > 100 && pauses[1] <= 200)
        #expect((3_750...5_000).contains(pauses[7]))
    }

    @Test("A connection that served gives two minutes more, and pauses that begin anew")
    mutating func again() {
        var redial = Redial(at: 0)
        for _ in 0..<8 { _ = redial.pause(isAbsent: true, at: 500_000, using: &random) }
        redial.serve()
        redial.lose(at: 600_000)
        #expect(redial.pause(isAbsent: true, at: 719_999, using: &random) <= 100)
        #expect(redial.pause(isAbsent: true, at: 720_000, using: &random) <= 100)
        #expect(redial.pause(isAbsent: true, at: 720_000, using: &random) > 100)
    }

    @Test("Where somebody answers the pauses grow at once")
    mutating func answered() {
        var redial = Redial(at: 0)
        let pauses = (0..<4).map { _ in redial.pause(isAbsent: false, at: 10, using: &random) }
        #expect(pauses[0] <= 100 && (150...200).contains(pauses[1]))
        #expect((300...400).contains(pauses[2]) && (600...800).contains(pauses[3]))
    }
}
