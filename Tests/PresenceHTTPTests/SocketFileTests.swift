import BrokerFixture
import Foundation
import Logging
import Testing

@testable import PresenceHTTP

@Suite("The file of a Unix socket")
struct SocketFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func server(_ path: String) -> HTTPServer {
        HTTPServer(
            HTTPOptions(.unix(path: path)),
            desk: FixedDesk(),
            tokens: Tokens([], rate: 1),
            version: "1",
            log: Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func failure(of server: HTTPServer) async -> String {
        do {
            try await server.run()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("A file that another program has put there meanwhile stays")
    func replaced() throws {
        let path = try folder.write("", to: "socket")
        let file = try SocketFile(madeAt: path)
        // The first one is kept, so that its inode is not used again.
        try FileManager.default.moveItem(atPath: path, toPath: path + "-old")
        _ = try folder.write("", to: "socket")
        file.remove()
        #expect(FileManager.default.fileExists(atPath: path))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + "-old", toPath: path)
        file.remove()
        #expect(!FileManager.default.fileExists(atPath: path))
        file.remove()
    }

    @Test("Permissions that cannot be set end the start, and say so")
    func permissions() async throws {
        let path = folder.file("socket")
        #expect(throws: HTTPServer.Failure.self) { try SocketFile(madeAt: path) }
        var server = server(path)
        server.claim = { path throws(HTTPServer.Failure) in
            try SocketFile(madeAt: path + "-none")
        }
        let words = await failure(of: server)
        #expect(words.contains("the permissions of \(path)-none cannot be set"))
        #expect(words.contains("No such file"))
    }

    @Test("What is there and is no socket that was left over is not replaced")
    func others() async throws {
        let file = try folder.write("mine", to: "file")
        #expect(await failure(of: server(file)).contains("cannot listen on \(file)"))
        #expect(folder.read("file") == "mine")
        let below = file + "/socket"
        #expect(await failure(of: server(below)).contains("cannot listen on \(below)"))
        // A socket of datagrams answers otherwise than one that nobody listens to.
        let path = folder.file("datagrams")
        let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        #expect(await failure(of: server(path)).contains("cannot listen on \(path)"))
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
