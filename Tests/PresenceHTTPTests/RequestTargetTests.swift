import HTTPTypes
import Testing

@testable import PresenceHTTP

@Suite("Paths and queries")
struct RequestTargetTests {
    @Test("A path is split before anything in it is decoded")
    func split() throws {
        let target = try #require(RequestTarget("/v1/users/a%2Fb%00/devices/c+d?x=1&y&=z&x=%31"))
        #expect(target.segments == ["v1", "users", "a%2Fb%00", "devices", "c+d"])
        #expect(target.pairs.map(\.name) == ["x", "y", "", "x"])
        #expect(target.pairs.map(\.value) == ["1", "", "z", "%31"])
        #expect(RequestTarget("*") == nil)
        #expect(RequestTarget("") == nil)
        #expect(RequestTarget("/")?.segments == [""])
    }

    @Test("What is decoded is UTF-8, and a plus is a plus")
    func decoding() {
        #expect(RequestTarget.decode("a%2Fb%00+") == "a/b\u{0}+")
        #expect(RequestTarget.decode("%C3%A4%c3%b6") == "äö")
        for broken in ["%", "%4", "a%zz", "%C3", "%FF", "%+1"] {
            #expect(RequestTarget.decode(Substring(broken)) == nil, "\(broken)")
        }
    }

    @Test("Each route is found by its method and path, and a name may be anything")
    func routes() throws {
        let target = try #require(RequestTarget("/v1/users/query"))
        let methods = Route.all.filter { $0.matches(target) }.map(\.method.rawValue)
        #expect(Set(methods) == ["GET", "DELETE", "POST"])
        for path in ["/v1/users", "/v1/users/a/b", "/V1/online", "/v1/online/", "//livez"] {
            let target = try #require(RequestTarget(path))
            #expect(!Route.all.contains { $0.matches(target) }, "\(path)")
        }
        let encoded = try #require(RequestTarget("/v1/%6Fnline"))
        #expect(Route.all.contains { $0.matches(encoded) })
        #expect(Set(Route.all.map { "\($0.method) \($0.path)" }).count == Route.all.count)
    }

    @Test("An address is host:port or the path of a socket")
    func addresses() {
        #expect(ListenAddress("127.0.0.1:8080") == .tcp(host: "127.0.0.1", port: 8_080))
        #expect(ListenAddress("[::1]:80") == .tcp(host: "::1", port: 80))
        #expect(ListenAddress("[::1]:80")?.description == "[::1]:80")
        #expect(ListenAddress("localhost:0") == .tcp(host: "localhost", port: 0))
        #expect(ListenAddress("/run/p.sock") == .unix(path: "/run/p.sock"))
        for wrong in ["", "localhost", ":80", "::1:80", "a:65536", "a:-1", "a:+1", "a:b", "p.sock"]
        {
            #expect(ListenAddress(wrong) == nil, "\(wrong)")
        }
        #expect(ListenAddress("/" + String(repeating: "a", count: 107)) == nil)
    }
}
