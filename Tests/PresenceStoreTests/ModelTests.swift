import Chance
import Presence
import Testing

@testable import PresenceStore

@Suite("Random changes")
struct ModelTests {
    @Test("A store holds what dictionaries hold, whatever came, closed, killed or in use")
    func equalsModel() throws {
        let folder = try TemporaryFolder()
        for seed in 1...40 as ClosedRange<UInt64> {
            var random = SeededNumbers(seed: seed)
            var model = Model()
            var file = "store-\(seed)-0"
            var store = try SQLiteStore(path: folder.file(file), synchronous: .normal)
            for step in 1...30 {
                try store.commit(model.someChanges(&random))
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    store.close()
                    store = try SQLiteStore(path: folder.file(file), synchronous: .normal)
                case 1:
                    try folder.copy(file, to: "store-\(seed)-\(step)")
                    store.close()
                    file = "store-\(seed)-\(step)"
                    store = try SQLiteStore(path: folder.file(file), synchronous: .normal)
                case 2: try store.beginCheckpoint()
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
