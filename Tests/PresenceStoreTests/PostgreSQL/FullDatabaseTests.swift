import BrokerFixture
import DatabaseFixture
import Foundation
import PostgreSQL
import Presence
import Testing

@testable import PresenceStore

@Suite("A database whose disk is full", .onPostgreSQL)
struct FullDatabaseTests {
    @Test(
        "A commit is refused for want of room, all of it, and the next one is taken when there is some"
    )
    func full() async throws {
        guard let disk = try await BrokerFixture.SmallDisk.mount(mebibytes: 4) else {
            try Test.cancel("no file system can be mounted here")
        }
        defer { disk.unmount() }
        let server = try DatabaseServer()
        defer { server.end(.killed) }
        let space = disk.file("space")
        try FileManager.default.createDirectory(atPath: space, withIntermediateDirectories: false)
        DatabaseServer.give(space)
        try server.query("CREATE TABLESPACE small LOCATION '\(space)'")
        let uri = server.uri + "&options=-c%20default_tablespace%3Dsmall"
        let address = DatabaseAddress(try ConnectionString(uri))
        let remarks = Remarks()
        let store = try PostgreSQLStore.ready(address, remarks)
        try store.commit([.user(1)], isRequested: true)
        disk.fill()
        let many = (2...9_000 as ClosedRange<UserID>).map { Change.user($0) }
        for isRequested in [true, false] {
            #expect(throws: StoreError.full(path: address.shown)) {
                try store.commit(many, isRequested: isRequested)
            }
        }
        #expect("\(StoreError.full(path: address.shown))".contains("no room"))
        disk.empty()
        try store.commit(many, isRequested: true)
        #expect(remarks.all == [])
        #expect(store.rows == 9_000)
        #expect(try store.everything() == [.user(1)] + many)
        store.close()
    }
}
