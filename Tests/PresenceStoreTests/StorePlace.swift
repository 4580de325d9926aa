import DatabaseFixture
import GRDB
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

/// A place of a test's own, where one store is kept: it is opened, closed, killed and opened again.
final class StorePlace {
    private enum Kind {
        case folder(TemporaryFolder)
        case memory
        case schema(DatabaseServer, DatabaseAddress)
    }

    private let kind: Kind
    /// The name of the file.
    private var file = "store"
    private var kills = 0

    /// A place where nothing is yet.
    init(_ engine: Engine) throws {
        switch engine {
        case .sqlite: kind = .folder(try TemporaryFolder())
        case .memory: kind = .memory
        case .postgreSQL:
            let server = try DatabaseServer.shared.get()
            kind = .schema(server, try server.newAddress())
        }
    }

    /// The folder of the file; `nil` where there is none.
    var folder: TemporaryFolder? {
        if case .folder(let folder) = kind { folder } else { nil }
    }

    /// Opens the store, to be committed to.
    func open() throws -> any TestedStore {
        switch kind {
        case .folder(let folder):
            return try SQLiteStore(path: folder.file(file), synchronous: .normal)
        case .memory: return try SQLiteStore(path: ":memory:", synchronous: .normal)
        case .schema(_, let address):
            let store = try PostgreSQLStore.opened(address)
            // It counts its rows from here on, and cuts its log.
            try store.replay({ _ in }, subscriptions: { _, _ in })
            return store
        }
    }

    /// Everything that is stored, while the store is closed.
    func everything() throws -> [Change] {
        let store = try open()
        defer { store.close() }
        return try store.everything()
    }

    /// Leaves a store as a process does that is killed; what is opened next finds what it has left.
    func kill(_ store: any TestedStore) throws {
        kills += 1
        switch kind {
        case .folder(let folder):
            let copy = "store-\(kills)"
            try folder.copy(file, to: copy)
            file = copy
        case .memory: break
        case .schema: (store as? PostgreSQLStore)?.abandon()
        }
        store.close()
    }

    /// The number that a query finds in a store that is open here.
    func number(_ sql: String, in store: any TestedStore) throws -> Int64? {
        switch kind {
        case .folder, .memory:
            guard let store = store as? SQLiteStore else { return nil }
            return try store.value(of: sql).flatMap(Int64.fromDatabaseValue)
        case .schema(let server, let address):
            return Int64(try server.query("SET search_path = \(address.schema); \(sql)"))
        }
    }
}

extension DatabaseServer {
    /// The address of a schema that no other test has got.
    func newAddress() throws -> DatabaseAddress {
        DatabaseAddress(try ConnectionString(uri), schema: newSchema())
    }
}
