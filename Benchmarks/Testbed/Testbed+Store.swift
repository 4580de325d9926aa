import BrokerFixture
import Foundation

extension Testbed {
    /// Prepares the bridge's store, before the bridge is started.
    ///
    /// Another build may refuse the version of this one's stores. So it makes its own, empty store,
    /// which then gets the rows.
    func fillStore(with sample: StoreSample) throws {
        guard !program.isOwn else { return try sample.write(to: store) }
        try startBridge()
        try stopBridge()
        let folder = try TemporaryFolder()
        try sample.write(to: folder.file("sample.db"))
        do {
            let plain = try PlainSQLite(path: store)
            if try !plain.copyRows(of: folder.file("sample.db")) {
                try sample.writeSubscriptions(to: plain)
            }
            let count = try plain.readEverything()
            try plain.close()
            guard count == sample.rows + 1 else { throw FixtureError("\(count) rows are there") }
        } catch {
            throw FixtureError("the store of \(program.path) cannot be filled: \(error)")
        }
    }
}
