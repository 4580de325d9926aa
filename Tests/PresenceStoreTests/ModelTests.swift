import Chance
import Presence
import Testing

@testable import PresenceStore

@Suite("Random changes")
struct ModelTests {
    @Test(
        "A store holds what dictionaries hold, whatever came, closed, killed or in use",
        arguments: Engine.here
    )
    func equalsModel(engine: Engine) throws {
        for seed in 1...(engine == .sqlite ? 40 : 15) as ClosedRange<UInt64> {
            var random = SeededNumbers(seed: seed)
            var model = Model()
            let place = try StorePlace(engine)
            var store = try place.open()
            for step in 1...30 {
                try store.commit(model.someChanges(&random))
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    store.close()
                    store = try place.open()
                case 1:
                    try place.kill(store)
                    store = try place.open()
                case 2: try store.checkpoint()
                default: continue
                }
                let everything = try store.everything()
                try #require(everything == model.everything, "seed \(seed), step \(step)")
            }
            #expect(store.rows == Int64(model.rows), "seed \(seed)")
            store.close()
        }
    }
}
