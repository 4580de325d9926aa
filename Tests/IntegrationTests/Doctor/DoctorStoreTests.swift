import BrokerFixture
import Foundation
import Presence
import Testing

/// What `presence-bridge doctor` says of the store.
@Suite("The doctor at stores that are wrong in one way each")
struct DoctorStoreTests {
    /// Runs the doctor as a user who is bound by rights, which root is not.
    private static let nobody =
        geteuid() == 0
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

    private func chmod(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// A service that has a store, and whose bridge has ended.
    private func service() async throws -> Service {
        let service = try await Service.examined(startsBridge: true)
        try await service.stopBridge()
        try chmod(0o755, service.broker.folder.path)
        return service
    }

    @Test("A store that this user may not read is found")
    func unreadable() async throws {
        let service = try await service()
        defer { service.end() }
        try chmod(0, service.storePath)
        let report = try await service.doctor(by: Self.nobody)
        #expect(report.wrong.contains("store"), "\(report.output)")
        #expect(report.words("store").contains("Permission denied"))
        #expect(report.line("store").hasPrefix("store PATH"))
    }

    @Test("A folder in which no file can be made is found, before the first start, too")
    func folder() async throws {
        let service = try await service()
        defer { service.end() }
        let place = service.broker.folder.file("closed")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        try chmod(0o555, place)
        defer { try? chmod(0o755, place) }
        let report = try await service.doctor(["store": "\(place)/presence.db"], by: Self.nobody)
        #expect(report.wrong == ["store-folder"], "\(report.output)")
        #expect(report.words("store-folder").contains("making files in the folder"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
    }

    @Test("A path that no store can have is found")
    func path() async throws {
        let service = try await service()
        defer { service.end() }
        try service.broker.folder.write("Dear diary", to: "diary.txt")
        for (path, words) in [
            (service.broker.folder.file("missing/presence.db"), "No such file or directory"),
            (service.broker.folder.path, "it is a folder"),
            (service.broker.folder.file("diary.txt"), "is not an SQLite database"),
        ] {
            let report = try await service.doctor(["store": path])
            #expect(report.wrong == ["store"], "\(report.output)")
            #expect(report.words("store").contains(words), "\(report.output)")
        }
    }

    @Test("A store that is in order is looked through without a trace, whoever owns it")
    func sound() async throws {
        let service = try await service()
        defer { service.end() }
        let before = try files(service)
        let report = try await service.doctor()
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.words("store-integrity") == "all pages of the store are in order")
        #expect(report.words("store-lock") == "no bridge has the store open")
        #expect(report.words("store-journal") == "the journal is empty")
        #expect(report.outcome("store-version") == "sound")
        #expect(try files(service) == before)
    }

    @Test("A store whose pages are damaged is found")
    func damaged() async throws {
        let service = try await service()
        defer { service.end() }
        let url = URL(filePath: service.storePath)
        var bytes = try Data(contentsOf: url)
        // Behind the first page, which has the header and the list of tables.
        for place in 4_096..<min(bytes.count, 5 * 4_096) { bytes[place] = 0xA5 }
        try bytes.write(to: url)
        let report = try await service.doctor()
        #expect(report.wrong == ["store-integrity"], "\(report.output)")
        #expect(report.line("store-integrity").contains("from a backup"))
    }

    @Test("What a bridge that was killed has left is told, and left as it is")
    func killed() async throws {
        let service = try await Service.examined(startsBridge: true)
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await service.killBridge()
        let before = try contents(service)
        let report = try await service.doctor()
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.words("store-lock") == "no bridge has the store open")
        #expect(try contents(service) == before)
        // The next bridge finds all of it.
        try await service.startBridge()
        try await service.status(of: "bob", is: "online")
        keep(bob)
    }

    private func files(_ service: Service) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: service.broker.folder.path)
            .filter { $0.hasPrefix("presence.db") }.sorted()
    }

    /// What the files hold, but for the index of SQLite's log, which every reader writes.
    private func contents(_ service: Service) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try files(service) where !name.hasSuffix("-shm") {
            contents[name] = try Data(contentsOf: URL(filePath: service.broker.folder.file(name)))
        }
        return contents
    }
}
