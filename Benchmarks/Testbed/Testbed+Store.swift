import BrokerFixture
import DatabaseFixture
import Foundation

extension Testbed {
    /// Prepares the bridge's store, before the bridge is started.
    ///
    /// Another build may refuse the version of this one's stores. So it makes its own, empty store,
    /// which then gets the rows.
    func fillStore(with sample: StoreSample) throws {
        if let database { return try sample.write(to: database) }
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

    /// How many transactions the store has had: as its log's index says (https://www.sqlite.org/walformat.html), or
    /// the database.
    func commits() throws -> Int {
        if let database {
            return Int(try database.query("SELECT sequence FROM presence.store")) ?? 0
        }
        let file = try FileHandle(forReadingFrom: URL(filePath: store + "-shm"))
        guard let header = try file.read(upToCount: 12), header.count == 12 else {
            throw FixtureError("the store has no log")
        }
        return header.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) }
    }
}
