import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

extension PostgreSQLStore {
    /// A store that is had as a bridge has it, or as soon as no other one does.
    static func opened(
        _ address: DatabaseAddress,
        opening: Int64 = 10_000,
        lease: Int64 = 1_000,
        onRemark: @escaping (StoreRemark) -> Void = { Issue.record("\($0)") }
    ) throws -> PostgreSQLStore {
        let member = Member("presence-bridge", lease: lease)
        let candidacy = Candidacy(address, of: member, onRemark: onRemark)
        let deadline = ContinuousClock.now + .milliseconds(opening)
        while true {
            if case .owns(let store) = try candidacy.look() { return store }
            guard ContinuousClock.now < deadline else {
                candidacy.leave()
                throw StoreError.inUse(path: address.shown)
            }
            usleep(20_000)
        }
    }

    /// A store that was read, as a bridge has it.
    static func ready(
        _ address: DatabaseAddress,
        _ remarks: Remarks = Remarks(),
        opening: Int64 = 10_000,
        lease: Int64 = 1_000
    ) throws -> PostgreSQLStore {
        var address = address
        address.isSynchronous = true
        let store = try opened(address, opening: opening, lease: lease, onRemark: remarks.add)
        try store.replay({ _ in }, subscriptions: { _, _ in })
        return store
    }

    /// Everything that is stored at an address, while the store is closed.
    static func everything(at address: DatabaseAddress) throws -> [Change] {
        let store = try ready(address)
        defer { store.close() }
        return try store.everything()
    }

    /// The first error that opening and reading a store ends with.
    static func refusal(_ address: DatabaseAddress, opening: Int64 = 10_000) -> StoreError? {
        do {
            try ready(address, opening: opening).close()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    /// Commits again and again until it is taken.
    func commitAtLast(_ changes: [Change], isRequested: Bool = true) throws {
        try until("the store takes it") {
            do {
                try commit(changes, isRequested: isRequested)
                return true
            } catch {
                return false
            }
        }
    }
}

/// Waits for what happens at the database, or on another thread.
func until(_ what: String, _ isThere: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try !isThere() {
        try #require(ContinuousClock.now < deadline, "within 20 s: \(what)")
        usleep(5_000)
    }
}

extension Trait where Self == ConditionTrait {
    /// Where PostgreSQL is installed; on CI everywhere.
    static var onPostgreSQL: Self {
        .enabled(if: DatabaseServer.isUsed, "PostgreSQL is not installed")
    }
}

extension DatabaseServer {
    /// The URI of another database, or of another user.
    func uri(database: String, user: String = DatabaseServer.name) -> String {
        "postgresql://\(user)@/\(database)?host=\(path)"
    }

    /// Makes a database, and returns the address of a store in it.
    func makeDatabase(_ name: String, _ options: String) throws -> DatabaseAddress {
        try query("CREATE DATABASE \(name) TEMPLATE template0 \(options)", in: "postgres")
        return DatabaseAddress(try ConnectionString(uri(database: name)))
    }

    /// Ends the session that has a store, and waits for its end.
    func endSession(of address: DatabaseAddress) throws {
        try query(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' \
            AND objid = '\(address.schema).store'::regclass::oid
            """
        )
    }
}
