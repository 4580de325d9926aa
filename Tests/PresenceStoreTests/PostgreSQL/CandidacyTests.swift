import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

/// Bridges that want one store: who gets it, and when.
@Suite("Candidates for a store", .onPostgreSQL)
struct CandidacyTests {
    private static let lease: Int64 = 600

    private let server: DatabaseServer
    private let address: DatabaseAddress
    private let remarks = Remarks()

    init() throws {
        server = try DatabaseServer.shared.get()
        address = try server.newAddress()
    }

    private func candidate(_ id: String) -> Candidacy {
        Candidacy(
            address,
            of: Member(id, lease: Self.lease),
            onRemark: remarks.add
        )
    }

    /// The store, as it is once its bridge serves.
    private func owned(_ candidacy: Candidacy) throws -> PostgreSQLStore {
        // Behind the start of a server nobody takes a store for as long as a lease.
        var free: PostgreSQLStore?
        try until("the store is free") {
            free = try candidacy.store
            return free != nil
        }
        let store = try #require(free)
        try store.replay({ _ in }, subscriptions: { _, _ in })
        store.beginApplying()
        return store
    }

    private var judgements: Int {
        remarks.all.count { if case .judged = $0 { true } else { false } }
    }

    @Test("The first one has it, under the first term; the others wait for it by its id")
    func first() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try owned(a)
        #expect(store.term == 1)
        #expect(try b.owner == "a")
        #expect(try candidate("a").owner == "a")
        store.close()
        let next = try owned(b)
        #expect(next.term == 2)
        next.close()
        let told = try ClusterInspection.read(address)
        // The other process with the id "a" has not left.
        #expect(told.bridges.map(\.id) == ["a"])
        #expect(told.shards.map(\.owner) == [nil])
    }

    @Test("One that leaves is on the list no more")
    func leaves() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try owned(a)
        defer { store.close() }
        _ = try b.owner
        #expect(try ClusterInspection.read(address).bridges.map(\.id) == ["a", "b"])
        b.leave()
        #expect(try ClusterInspection.read(address).bridges.map(\.serves) == [true])
    }

    @Test(
        "An owner that gives no sign of life is judged when its lease is over, and stores nothing more"
    )
    func judged() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try owned(a)
        let begun = ContinuousClock.now
        var next: PostgreSQLStore?
        try until("b has it") {
            next = try b.store
            return next != nil
        }
        #expect(ContinuousClock.now - begun > .milliseconds(Self.lease))
        #expect(judgements >= 1)
        #expect(throws: StoreError.self) { try store.commit([.user(1)], isRequested: true) }
        #expect(store.loss == .inUse(path: address.shown))
        next?.close()
        #expect(try PostgreSQLStore.everything(at: address) == [])
    }

    @Test("Nobody judges an owner that gives signs, or one that has not begun to serve")
    func spared() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try #require(try a.store)
        defer { store.close() }
        for round in 0..<20 {
            #expect(try b.owner == "a")
            if round == 10 { try store.replay({ _ in }, subscriptions: { _, _ in }) }
            if round >= 10 { store.beginApplying() }
            usleep(100_000)
        }
        #expect(judgements == 0)
    }

    @Test("Who has not looked for a while judges nobody before it has looked for a whole lease")
    func pause() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try owned(a)
        defer { store.close() }
        for _ in 0..<3 {
            #expect(try b.owner == "a")
            usleep(UInt32(Self.lease * 1_500))
        }
        #expect(judgements == 0)
    }

    @Test("An owner whose store was taken meanwhile finds that out when it asks")
    func taken() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try owned(a)
        try server.endSession(of: address)
        let next = try owned(b)
        defer { next.close() }
        store.confirm()
        #expect(store.loss == .inUse(path: address.shown))
        try next.commit([.user(1)], isRequested: true)
        store.close()
        // Its farewell takes nothing from the one that has it.
        #expect(try ClusterInspection.read(address).shards.map(\.owner) == ["b"])
    }

    @Test("It is asked behind a pause of half a lease, and not in between")
    func asking() throws {
        let (a, b) = (candidate("a"), candidate("b"))
        let store = try owned(a)
        #expect(store.confirmAfterPause() && store.isConfirmed)
        try server.endSession(of: address)
        let next = try owned(b)
        defer { next.close() }
        #expect(store.confirmAfterPause() && store.loss == nil)
        usleep(UInt32(Self.lease * 600))
        #expect(store.confirmAfterPause() && !store.isConfirmed)
        #expect(store.loss == .inUse(path: address.shown))
    }

    @Test("Whose store another one has had, and left, does not take it for its own")
    func hadMeanwhile() throws {
        let store = try owned(candidate("a"))
        try store.commit([.user(1)], isRequested: true)
        try server.endSession(of: address)
        let next = try owned(candidate("b"))
        next.close()
        #expect(throws: StoreError.self) { try store.commit([.user(2)], isRequested: false) }
        #expect(store.loss == .displaced(path: address.shown))
        #expect(try PostgreSQLStore.everything(at: address) == [.user(1)])
    }

    @Test("A bridge with another prefix of its topics is refused")
    func prefix() throws {
        func candidate(_ prefix: String) -> Candidacy {
            Candidacy(
                address,
                of: Member("a", topicPrefix: prefix, lease: Self.lease),
                onRemark: remarks.add
            )
        }
        let store = try owned(candidate("here"))
        #expect(throws: StoreError.otherPrefix(path: address.shown, found: "here")) {
            try candidate("there").look()
        }
        store.close()
        #expect(throws: StoreError.otherPrefix(path: address.shown, found: "here")) {
            try candidate("there").look()
        }
        #expect(try candidate("here").store != nil)
    }

    @Test("An owner that has lost its session, and the store to nobody, goes on")
    func kept() throws {
        let store = try owned(candidate("a"))
        defer { store.close() }
        try server.endSession(of: address)
        store.confirm()
        #expect(store.loss == nil)
        try store.commit([.user(1)], isRequested: true)
    }
}

extension Candidacy {
    /// The store, if it is free.
    fileprivate var store: PostgreSQLStore? {
        get throws { if case .owns(let store) = try look() { store } else { nil } }
    }

    /// Whom the candidate waits for.
    fileprivate var owner: String? {
        get throws { if case .waits(let owner) = try look() { owner } else { nil } }
    }
}
