import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("get, online, subscriptions, sync and watchers")
struct QuestionTests {
    @Test("get answers in the order given, unknown users too, and stores nothing")
    func get() {
        var caller = Caller()
        caller.state("b", "away")
        let names = caller.core.names.count
        let effects = caller.turn([
            .asks("a", "get", #"{"id":"q","usernames":["zoe","b","zoe"]}"#)
        ])
        #expect(
            effects.replies.map { String(decoding: $0.payload, as: UTF8.self) } == [
                #"{"id":"q","operation":"get","result":{"users":["#
                    + #"{"username":"zoe","online":false,"status":"offline","description":"","#
                    + #""devices":{},"cause":null,"since":null,"updated":null,"seq":0},"#
                    + #"{"username":"b","online":true,"status":"away","description":"","#
                    + #""devices":{"phone":"away"},"cause":null,"since":1700000000,"#
                    + #""updated":1700000000,"seq":1700000000000}]}}"#
            ]
        )
        #expect(effects.saves == [])
        #expect(caller.core.names.count == names)
    }

    @Test("get brief says who is online, of 1,000 at most; get takes 100")
    func brief() {
        var caller = Caller()
        caller.state("pedro", "dnd")
        caller.state("ghost", "invisible")
        #expect(
            caller.ask("a", "get", #"{"usernames":["alex","pedro","ghost"],"brief":true}"#)
                == #"{"operation":"get","result":{"online":{"alex":false,"pedro":true,"#
                + #""ghost":false}}}"#
        )
        let list = { (count: Int) in (1...count).map { "\"u\($0)\"" }.joined(separator: ",") }
        #expect(caller.code("a", "get", "{\"usernames\":[\(list(101))]}") == "too_many_users")
        #expect(caller.code("a", "get", "{\"usernames\":[\(list(100))]}") == nil)
        #expect(caller.code("a", "get", "{\"usernames\":[\(list(1_000))],\"brief\":true}") == nil)
        #expect(
            caller.code("a", "get", "{\"usernames\":[\(list(1_001))],\"brief\":true}")
                == "too_many_users"
        )
    }

    @Test("online: the total alone with pageSize 0, and no cursor on the last page")
    func onlineExact() {
        var caller = Caller()
        #expect(
            caller.ask("a", "online")
                == #"{"operation":"online","result":{"total":0,"usernames":[]}}"#
        )
        for name in ["x", "y", "z"] { caller.state(name) }
        #expect(
            caller.ask("a", "online", #"{"pageSize":0}"#)
                == #"{"operation":"online","result":{"total":3,"usernames":[]}}"#
        )
        #expect(caller.result("a", "online", #"{"pageSize":3}"#)["cursor"] == nil)
        #expect(caller.result("a", "online", #"{"pageSize":2}"#)["cursor"] != nil)
        for size in ["-1", "501"] {
            #expect(caller.code("a", "online", #"{"pageSize":\#(size)}"#) == "invalid_page")
        }
    }

    /// Goes through all pages, with something happening in between.
    private func pages(
        _ caller: inout Caller,
        _ operation: String,
        size: Int,
        list: (JSONObject) -> [String],
        between: (inout Caller) -> Void = { _ in }
    ) -> [String] {
        var names: [String] = []
        var cursor = ""
        for _ in 0..<1_000 {
            let page = caller.result("a", operation, #"{"pageSize":\#(size)\#(cursor)}"#)
            #expect(list(page).count <= size)
            names += list(page)
            guard let next = page["cursor"]?.string else { return names }
            cursor = #","cursor":"\#(next)""#
            between(&caller)
        }
        Issue.record("the pages never end")
        return names
    }

    @Test("The pages of online list everybody who stays exactly once, while others come and go")
    func onlinePages() {
        for seed in UInt64(0)..<10 {
            var random = SeededNumbers(seed: seed)
            var limits = Caller.limits
            limits.requestRate = 100_000
            limits.logoutGrace = .zero
            var caller = Caller(limits)
            for number in 0..<120 {
                caller.state(number.isMultiple(of: 2) ? "stays\(number)" : "t\(number)")
            }
            let names = pages(
                &caller,
                "online",
                size: 7,
                list: { $0.strings("usernames") },
                between: {
                    for _ in 0..<5 {
                        let number = Int.random(in: 0..<200, using: &random)
                        $0.state("t\(number)", Bool.random(using: &random) ? "online" : "offline")
                    }
                    $0.pass(1)
                }
            )
            let stayed = names.filter { $0.hasPrefix("stays") }
            #expect(stayed.count == 60 && Set(stayed).count == 60, "seed \(seed)")
        }
    }

    @Test("Pages end early to fit in max_message")
    func shortPages() {
        var limits = Caller.limits
        limits.maxMessage = 4_096
        var caller = Caller(limits)
        let long = String(repeating: "\"", count: 120)
        for number in 0..<60 { caller.state("\(long)\(number)") }
        let answer = caller.ask("a", "online", #"{"pageSize":500}"#)
        #expect(answer.utf8.count <= 4_096)
        #expect(answer.contains("cursor"))
        let names = pages(&caller, "online", size: 500, list: { $0.strings("usernames") })
        #expect(Set(names).count == 60 && names.count == 60)
        caller.subscribe("a", (0..<60).map { String(repeating: "\\\"", count: 120) + "\($0)" })
        let synced = caller.ask("a", "sync")
        #expect(synced.utf8.count <= 4_096)
        #expect(pages(&caller, "sync", size: 500, list: { $0.names("users") }).count == 60)
    }

    @Test("subscriptions: sorted by name, in numbered pages")
    func subscriptions() {
        var caller = Caller()
        caller.subscribe("a", ["d", "b", "c"], expiry: 60)
        #expect(
            caller.ask("a", "subscriptions", #"{"pageSize":2}"#)
                == #"{"operation":"subscriptions","result":{"total":3,"pageNum":0,"pageSize":2,"#
                + #""subscriptions":[{"username":"b","expires":1700000060},"#
                + #"{"username":"c","expires":1700000060}]}}"#
        )
        let last = caller.result("a", "subscriptions", #"{"pageSize":2,"pageNum":1}"#)
        #expect(last.names("subscriptions") == ["d"])
        let beyond = caller.result("a", "subscriptions", #"{"pageNum":9223372036854775807}"#)
        #expect(beyond.names("subscriptions") == [])
        for bad in [#"{"pageSize":0}"#, #"{"pageSize":501}"#, #"{"pageNum":-1}"#] {
            #expect(caller.code("a", "subscriptions", bad) == "invalid_page")
        }
    }

    @Test("subscriptions: the one to everyone stands apart and is not counted")
    func subscriptionToAll() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        var caller = Caller(limits)
        _ = caller.ask("a", "subscribe", #"{"all":true,"expiry":60}"#)
        #expect(
            caller.ask("a", "subscriptions")
                == #"{"operation":"subscriptions","result":{"total":0,"pageNum":0,"pageSize":50,"#
                + #""subscriptions":[],"all":{"expires":1700000060}}}"#
        )
    }

    @Test("sync: those subscribed to that were updated at or after the time")
    func sync() {
        var caller = Caller()
        caller.subscribe("a", ["b", "c", "d"], expiry: 60)
        caller.state("b")
        caller.pass(2_000)
        caller.state("c")
        caller.state("x")
        let result = caller.result("a", "sync")
        #expect(Set(result.names("users")) == ["b", "c", "d"])
        #expect(result["time"]?.integer == 1_700_000_002)
        #expect(
            result["users"]?.array?.allSatisfy { $0.object?["expires"]?.integer == 1_700_000_060 }
                == true
        )
        #expect(caller.result("a", "sync", #"{"after":1700000002}"#).names("users") == ["c"])
        #expect(caller.result("a", "sync", #"{"after":1700000000}"#).names("users") == ["b", "c"])
        #expect(caller.result("a", "sync", #"{"after":1700000003}"#).names("users") == [])
        #expect(caller.result("nobody", "sync").names("users") == [])
        for bad in [#"{"pageSize":0}"#, #"{"pageSize":501}"#, #"{"cursor":""}"#] {
            #expect(caller.code("a", "sync", bad) == "invalid_page")
        }
    }

    @Test("sync with everyone: who is online, or everyone updated since, each once")
    func syncAll() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        limits.logoutGrace = .zero
        var caller = Caller(limits)
        _ = caller.ask("a", "subscribe", #"{"all":true,"expiry":500}"#)
        caller.subscribe("a", ["never", "b"], expiry: 60)
        for name in ["b", "c", "d"] { caller.state(name) }
        caller.pass(1_000)
        caller.state("d", "offline")
        caller.pass(10)
        let all = caller.result("a", "sync")
        #expect(all.names("users").sorted() == ["b", "c", "never"])
        let ends = (all["users"]?.array ?? []).map { $0.object?["expires"]?.integer }
        #expect(Set(ends) == [1_700_000_060, 1_700_000_500])
        #expect(
            caller.result("a", "sync", #"{"after":1}"#).names("users").sorted() == ["b", "c", "d"]
        )
        #expect(caller.result("a", "sync", #"{"after":1700000001}"#).names("users") == ["d"])
        let paged = pages(&caller, "sync", size: 1, list: { $0.names("users") })
        #expect(paged.sorted() == ["b", "c", "never"])
    }

    @Test("The time that sync tells never goes back, also after a restart")
    func syncTime() {
        var caller = Caller()
        caller.pass(10_000)
        #expect(caller.result("a", "sync")["time"]?.integer == 1_700_000_010)
        caller.now.unix -= 60_000
        #expect(caller.result("a", "sync")["time"]?.integer == 1_700_000_010)
        caller.now.unix += 61_000
        let saves = caller.turn([.asks("a", "sync")]).saves
        guard case .putBroker(let record)? = saves.first else {
            Issue.record("the time is not stored")
            return
        }
        var restarted = Caller(restoring: [.putBroker(record)])
        #expect(restarted.result("a", "sync")["time"]?.integer == 1_700_000_011)
    }

    @Test("watchers: who holds a subscription to the caller by name")
    func watchers() {
        var limits = Caller.limits
        limits.allowSubscribeAll = .everyone
        var caller = Caller(limits)
        #expect(
            caller.ask("a", "watchers")
                == #"{"operation":"watchers","result":{"total":0,"usernames":[]}}"#
        )
        for number in 0..<20 { caller.subscribe("w\(number)", ["a"], expiry: number == 0 ? 1 : 60) }
        _ = caller.ask("monitor", "subscribe", #"{"all":true}"#)
        caller.pass(1_000)
        #expect(caller.result("a", "watchers", #"{"pageSize":0}"#)["total"]?.integer == 19)
        let names = pages(&caller, "watchers", size: 6, list: { $0.strings("usernames") })
        #expect(names.sorted() == (1..<20).map { "w\($0)" }.sorted())
    }

    @Test("The operator can forbid online and watchers, to some or to all")
    func permissions() {
        var limits = Caller.limits
        limits.allowOnline = .nobody
        limits.allowWatchers = .users([Name(checked: "a")])
        var caller = Caller(limits)
        #expect(caller.code("a", "online") == "forbidden")
        #expect(caller.code("a", "watchers") == nil)
        #expect(caller.code("b", "watchers") == "forbidden")
    }

    @Test("A cursor is bound to caller, operation and run")
    func cursors() {
        var cursors = Cursors()
        cursors.begin(at: Caller.start)
        let (alice, bob) = (Name(checked: "alice"), Name(checked: "bob"))
        let cursor = cursors.cursor(at: 7, .online, of: alice)
        #expect((try? cursors.place(of: cursor, .online, of: alice)) == 7)
        #expect((try? cursors.place(of: cursor, .online, of: bob)) == nil)
        #expect((try? cursors.place(of: cursor, .watchers, of: alice)) == nil)
        for forged in [
            "", "7", "-", "8" + cursor.dropFirst(), "0" + cursor, "+" + cursor, cursor + "0",
        ] {
            #expect((try? cursors.place(of: forged, .online, of: alice)) == nil, "\(forged)")
        }
        cursors.begin(at: Caller.start.advanced(by: .seconds(9)))
        #expect((try? cursors.place(of: cursor, .online, of: alice)) == 7)
        var later = Cursors()
        later.begin(at: Caller.start.advanced(by: .seconds(9)))
        #expect((try? later.place(of: cursor, .online, of: alice)) == nil)
    }
}
