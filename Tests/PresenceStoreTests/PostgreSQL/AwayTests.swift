import DatabaseFixture
import Foundation
import Presence
import Testing

@testable import PresenceStore

@Suite("A store whose database is away", .onPostgreSQL)
struct AwayTests {
    /// How a database can be away.
    enum Absence: CaseIterable, Sendable {
        /// It has ended.
        case ended
        /// It is there, and does nothing.
        case stopped

        func begin(_ server: DatabaseServer) throws {
            switch self {
            case .ended: server.end(.fast)
            case .stopped: try server.send(SIGSTOP)
            }
        }

        func end(_ server: DatabaseServer) throws {
            switch self {
            case .ended: try server.start()
            case .stopped: try server.send(SIGCONT)
            }
        }
    }

    /// The time that a commit takes to be refused.
    private func refusal(_ store: PostgreSQLStore, _ changes: [Change]) -> Duration {
        ContinuousClock().measure {
            let error = #expect(throws: StoreError.self) {
                try store.commit(changes, isRequested: true)
            }
            let words = error.map { "\($0)" } ?? ""
            #expect(words.contains("cannot be written: ") && words.hasSuffix("."))
            #expect(!words.contains("cannot be opened") && !words.contains(".."))
        }
    }

    @Test(
        "Commits are refused after a second at most, then at once, and taken when it is there again",
        arguments: Absence.allCases
    )
    func away(absence: Absence) throws {
        let server = try DatabaseServer()
        let remarks = Remarks()
        let address = try server.newAddress()
        let store = try PostgreSQLStore.ready(address, remarks)
        var stored: [Change] = []
        for id in 1...5 as ClosedRange<UserID> {
            stored.append(.user(id))
            try store.commit([.user(id)], isRequested: true)
        }
        try absence.begin(server)
        let first = refusal(store, [.user(90), .user(1, "other"), .subscription(1, 2)])
        #expect(first < .milliseconds(1_600))
        if absence == .stopped { #expect(first > .milliseconds(900)) }
        for id in 91...95 as ClosedRange<UserID> {
            #expect(refusal(store, [.user(id)]) < .milliseconds(500))
            store.beginApplying()
        }
        #expect(remarks.losses == 1)
        #expect(remarks.finds == 0)
        try absence.end(server)
        try store.commitAtLast([.user(6)])
        try store.commit([.device(6, "phone")], isRequested: false)
        stored += [.user(6), .device(6, "phone")]
        #expect(remarks.losses == 1)
        #expect(remarks.finds == 1)
        #expect(store.rows == 7)
        #expect(try store.everything() == stored)
        store.close()
        #expect(try PostgreSQLStore.everything(at: address) == stored)
    }

    @Test("Where nothing is committed it is noticed all the same, and another session is opened")
    func idle() throws {
        let server = try DatabaseServer()
        let remarks = Remarks()
        let store = try PostgreSQLStore.ready(try server.newAddress(), remarks)
        server.end(.fast)
        try until("the end of the session is noticed") {
            store.beginApplying()
            return remarks.losses == 1
        }
        #expect(refusal(store, [.user(1)]) < .milliseconds(500))
        try server.start()
        try store.commitAtLast([.user(2)])
        #expect(remarks.finds == 1)
        #expect(try store.everything() == [.user(2)])
    }

    @Test("Behind a pause it is not known whose the store is", arguments: Absence.allCases)
    func unconfirmed(absence: Absence) throws {
        let server = try DatabaseServer()
        let store = try PostgreSQLStore.ready(try server.newAddress(), lease: 200)
        #expect(store.confirmAfterPause() && store.isConfirmed)
        try absence.begin(server)
        usleep(120_000)
        #expect(!store.confirmAfterPause() && !store.isConfirmed)
        try absence.end(server)
        try store.commitAtLast([.user(1)])
        usleep(120_000)
        #expect(store.confirmAfterPause() && store.isConfirmed)
    }

    @Test("A store can be closed meanwhile, and leaves nothing that goes on trying")
    func closing() throws {
        let server = try DatabaseServer()
        let address = try server.newAddress()
        let store = try PostgreSQLStore.ready(address)
        try store.commit([.user(1)], isRequested: true)
        server.end(.fast)
        _ = refusal(store, [.user(2)])
        store.close()
        _ = refusal(store, [.user(3)])
        try server.start()
        #expect(try PostgreSQLStore.everything(at: address) == [.user(1)])
    }
}
