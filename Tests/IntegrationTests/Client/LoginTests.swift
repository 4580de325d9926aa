import PresenceClient
import Testing

/// deepstream's presence, row by row.
@Suite("Logins and logouts in Swift", .service(["allow_subscribe_all": "true"]))
struct LoginTests {
    @Test("Of one user the first login and the last logout are told, and nothing between")
    func oneUser() async throws {
        let service = try Service.current
        let alice = try await service.presence("alice", "a1")
        let logins = try await alice.logins(of: ["bob"])
        let phone = try await service.presence("bob", "phone")
        let laptop = try await service.presence("bob", "laptop")
        try await laptop.setStatus("busy")
        try await service.status(of: "bob", is: "busy")
        await phone.close()
        try await service.status(of: "bob") { $0["devices"]?.object?.count == 1 }
        await laptop.close()
        try await limited("bob's login and logout") {
            var iterator = logins.makeAsyncIterator()
            let came = await iterator.next()
            let went = await iterator.next()
            #expect(came == Login(username: Name(checked: "bob"), isLoggedIn: true))
            #expect(went == Login(username: Name(checked: "bob"), isLoggedIn: false))
        }
        try await alice.unsubscribe(from: ["bob"])
        await alice.close()
    }

    @Test("Of everyone, who was there before is no login, and who leaves is a logout")
    func everyone() async throws {
        let service = try Service.current
        let carol = try await service.presence("carol", "c1")
        try await service.status(of: "carol", is: "online")
        let dave = try await service.presence("dave", "d1")
        let logins = try await dave.loginsOfEveryone()
        try await carol.setStatus("away")
        try await service.status(of: "carol", is: "away")
        await carol.close()
        let first = try await limited("carol's logout") { () -> Login? in
            for await login in logins where login.username.text == "carol" { return login }
            return nil
        }
        #expect(first?.isLoggedIn == false)
        #expect(try await dave.unsubscribeFromEveryone().everyone)
        await dave.close()
    }

    @Test("All who are online are listed, oneself, too, and some are asked for by name")
    func getAll() async throws {
        let service = try Service.current
        let alice = try await service.presence("alice", "a2")
        try await service.status(of: "alice") { $0["online"]?.bool == true }
        #expect(try await alice.onlineUsers().map(\.text).contains("alice"))
        #expect(try await alice.onlineCount() >= 1)
        let some = try await alice.areOnline(["alice", "pedro"])
        #expect(some == ["alice": true, "pedro": false])
        let many = try await alice.areOnline((0..<1_500).map { "user-\($0)" })
        #expect(many.count == 1_500 && !many.values.contains(true))
        await alice.close()
    }

    @Test("Who watches is known to who is watched")
    func watchers() async throws {
        let service = try Service.current
        let bob = try await service.presence("bob", "b1") { $0.announces = false }
        let carol = try await service.presence("carol", "c2") { $0.announces = false }
        try await bob.subscribe(to: ["carol"])
        #expect(try await carol.watchers().map(\.text) == ["bob"])
        #expect(try await carol.watcherCount() == 1)
        try await bob.unsubscribe(from: ["carol"])
        #expect(try await carol.watcherCount() == 0)
        await bob.close()
        await carol.close()
    }
}
