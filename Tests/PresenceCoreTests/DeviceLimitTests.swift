import Presence
import Testing

@testable import PresenceCore

@Suite("Limits on devices")
struct DeviceLimitTests {
    @Test("One device too many is answered, and its topic is cleared")
    func tooMany() {
        var bridge = Bridge.serving { $0.maxDevices = 2 }
        bridge.says("alice/a", "online")
        bridge.says("alice/b", "online")
        let effects = bridge.says("alice/c", "online")
        #expect(effects.errorCode == "too_many_devices")
        #expect(effects.corrections == ["clear device/alice/c"])
        #expect(effects.statuses == [])
        #expect(bridge.says("alice/a", "away").statuses.count == 1)
        #expect(bridge.says("alice/d", "invisible").told == [])
        #expect(bridge.says("alice/d", "online").errorCode == "too_many_devices")
        #expect(bridge.says("bob/c", "online").statuses.count == 1)
    }

    @Test("Devices offline do not count, and one in its grace does")
    func offline() {
        var bridge = Bridge.serving { $0.maxDevices = 1 }
        bridge.says("alice/a", "online")
        bridge.says("alice/a", "offline")
        #expect(bridge.says("alice/b", "online").errorCode == "too_many_devices")
        bridge.pass(.seconds(1))
        #expect(bridge.says("alice/b", "online").statuses.count == 1)
        #expect(bridge.says("alice/a", "online").errorCode == "too_many_devices")
        #expect(bridge.topic("alice/a") == nil)
    }

    @Test("A device that is offline is forgotten after a day, and its topic cleared")
    func forgotten() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(1))
        #expect(bridge.pass(.milliseconds(86_399_999)).told == [])
        #expect(bridge.pass(.milliseconds(1)).told == ["clear device/alice/phone"])
        #expect(bridge.word("alice") == "offline")
    }

    @Test("A device that was back is forgotten a day after it went again")
    func forgottenLater() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(80_000))
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(10))
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(86_400))
        #expect(bridge.topic("alice/phone") == "offline")
        bridge.pass(.seconds(1))
        #expect(bridge.topic("alice/phone") == nil)
    }

    @Test("Of the devices offline, the 64 that went last are remembered")
    func hidden() {
        var bridge = Bridge.serving { $0.deviceBurst = 1_000 }
        for number in 10..<75 {
            bridge.says("alice/d\(number)", "online")
            bridge.says("alice/d\(number)", "offline")
            let told = bridge.pass(.seconds(1)).corrections
            #expect(told == (number < 74 ? [] : ["clear device/alice/d10"]))
        }
        #expect(bridge.topics.count == 64)
    }

    @Test(
        "Under a lowered limit no more devices are remembered than it says, and the rest is cleared"
    )
    func lowered() {
        var bridge = Bridge.serving { $0.maxDevices = 8 }
        for name in ["a", "b", "c", "d", "e"] {
            bridge.says("alice/\(name)", "online")
            bridge.says("alice/\(name)", "offline")
            bridge.pass(.seconds(2))
        }
        bridge.says("alice/f", "online")
        var limits = bridge.core.limits
        limits.maxDevices = 2
        let effects = bridge.send(.limitsChanged(limits))
        #expect(
            effects.corrections == [
                "clear device/alice/a", "clear device/alice/b", "clear device/alice/c",
            ]
        )
        #expect(bridge.word("alice") == "online")
        #expect(bridge.topic("alice/d") == "offline")
    }

    @Test("Of thousands of devices of one user that are not back, so many are given up at a time")
    func manySuspects() {
        let count = 2_500
        var bridge = Bridge.serving {
            $0.maxDevices = 5_000
            $0.deviceBurst = 10_000
        }
        var births: [Input] = []
        for number in 0..<count { births.append(bridge.statement("alice/d\(number)", "online")) }
        bridge.send(births)
        #expect(bridge.core.metrics.devicesOnline == count)
        bridge.restartBroker()
        bridge.uptime()
        var most = 0
        var all = 0
        while bridge.core.metrics.devicesOnline > 0 {
            guard let idle = bridge.core.idleTime(at: bridge.now), idle < .seconds(100) else {
                break
            }
            bridge.now = bridge.now.advanced(by: idle)
            let verdicts = bridge.send().corrections.count
            most = max(most, verdicts)
            all += verdicts
        }
        #expect(bridge.core.metrics.devicesOnline == 0)
        #expect(all == count)
        #expect(most == 1_000)
        bridge.pass(.seconds(20))
        #expect(bridge.word("alice") == "offline")
    }

    @Test("Statements past the bucket are held, and the newest of each device takes effect")
    func rate() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (10, 3) }
        for word in ["a", "b", "c", "d", "e"] {
            bridge.says("alice/phone", word)
        }
        bridge.says("alice/web", "x")
        bridge.says("alice/web", "y")
        #expect(bridge.word("alice") == "c")
        #expect(bridge.says("bob/phone", "online").statuses.count == 1)
        #expect(bridge.pass(.milliseconds(99)).told == [])
        #expect(bridge.pass(.milliseconds(1)).statuses.count == 1)
        #expect(bridge.status("alice")?.devices.map(\.status.text) == ["e"])
        bridge.pass(.milliseconds(100))
        #expect(bridge.status("alice")?.devices.map(\.status.text) == ["e", "y"])
        #expect(bridge.core.metrics.errors == 0)
        #expect(bridge.pass(.seconds(10)).told == [])
    }

    @Test("What passes the bucket is newer than what was held, which is dropped")
    func overtaken() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", "a")
        bridge.says("alice/web", "b")
        bridge.says("alice/phone", "c")
        bridge.pass(.milliseconds(999))
        // Both are still held; the token of this moment goes to the one held longest.
        bridge.pass(.milliseconds(1))
        #expect(bridge.status("alice")?.devices.map(\.status.text) == ["a", "b"])
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.devices.map(\.status.text) == ["c", "b"])
    }

    @Test("A device that is known is not forgotten among many others that are busy")
    func crowded() {
        var bridge = Bridge.serving { limits in
            (limits.deviceRate, limits.deviceBurst, limits.maxDevices) = (1, 1, 1)
        }
        bridge.says("alice/phone", "online")
        for number in 1...5 { bridge.says("alice/other\(number)", "online") }
        bridge.says("alice/phone", "busy")
        bridge.pass(.seconds(20))
        #expect(bridge.word("alice") == "busy")
    }

    @Test(
        "A connection that came and went while its words were held is gone",
        arguments: [false, true]
    )
    func heldConnection(isStatedBetween: Bool) {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", #"{"session":"old"}"#)
        bridge.says("alice/phone", #"{"status":"busy","session":"new"}"#)
        if isStatedBetween { bridge.says("alice/phone", "away") }
        bridge.says("alice/phone", #"{"status":"lost","session":"new"}"#)
        bridge.pass(.seconds(10))
        #expect(bridge.word("alice") == "offline")
    }

    @Test("A promise is kept by a statement that is held")
    func heldPromise() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 2) }
        bridge.says("alice/phone", #"{"status":"online","ttl":5}"#)
        for second in 1...5 {
            bridge.pass(.milliseconds(second == 5 ? 990 : 1_000))
            bridge.says("alice/web", second % 2 == 0 ? "away" : "online")
            bridge.says("alice/web", second % 2 == 0 ? "online" : "away")
        }
        bridge.says("alice/phone", #"{"status":"busy","ttl":5}"#)
        bridge.pass(.milliseconds(500))
        #expect(bridge.status("alice")?.devices.map(\.name.text).contains("phone") == true)
        bridge.pass(.seconds(6))
        #expect(bridge.status("alice")?.devices.map(\.name.text).contains("phone") == false)
    }

    @Test("A held logout, emptying or bad payload takes effect as it would have")
    func heldOthers() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 3) }
        bridge.says("alice/a", "online")
        bridge.says("alice/b", "online")
        bridge.says("alice/c", "online")
        #expect(bridge.says("alice/a", "Bad!").told == [])
        #expect(bridge.says("alice/b", "").told == [])
        #expect(bridge.says("alice/c", "offline").told == [])
        #expect(bridge.pass(.seconds(1)).errorCode == "invalid_status")
        bridge.pass(.seconds(5))
        #expect(bridge.status("alice")?.devices.map(\.name.text) == ["a"])
        #expect(bridge.topic("alice/b") == nil)
        #expect(bridge.topic("alice/c") == "offline")
    }

    @Test(
        "What is no statement, or an old connection's will, does not take the place of what is held",
        arguments: [#"{"status":"lost","session":"old"}"#, "No Word", "{"]
    )
    func heldOutlives(_ nothing: String) {
        for pause in [0, 1_000] {
            var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 2) }
            bridge.says("alice/phone", #"{"session":"old"}"#)
            bridge.says("alice/phone", #"{"session":"new"}"#)
            bridge.says("alice/web", "online")
            bridge.says("alice/phone", #"{"status":"busy","session":"new"}"#)
            // The token of this moment is for the web, or for what comes now.
            bridge.pass(.milliseconds(pause))
            bridge.says("alice/phone", nothing)
            bridge.pass(.seconds(10))
            #expect(bridge.word("alice") == "busy")
            #expect(bridge.topic("alice/phone")?.contains("busy") == true)
        }
    }

    @Test("An old connection's will does not take the place of an emptying that is held")
    func heldEmptying() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", #"{"session":"new"}"#)
        bridge.says("alice/phone", "")
        bridge.says("alice/phone", #"{"status":"lost","session":"old"}"#)
        bridge.pass(.seconds(10))
        #expect(bridge.status("alice")?.cause == .logout)
        #expect(bridge.topic("alice/phone") == nil)
    }

    @Test("What is held is not written again, unless something was written over it")
    func writtenOver() {
        for written in [nil, "online", "away"] {
            var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 2) }
            bridge.says("alice/phone", "online")
            bridge.says("alice/web", "online")
            bridge.says("alice/phone", "busy")
            if let written {
                bridge.pass(.milliseconds(500))
                let own = #"{"status":"\#(written)","by":"presence-bridge"}"#
                bridge.topics[DeviceKey("alice/phone")] = Array(own.utf8)
                bridge.echo("alice/phone", own)
            }
            let corrections = bridge.pass(.seconds(5)).corrections
            #expect(corrections.isEmpty == (written == nil))
            #expect(bridge.word("alice") == "busy")
            #expect(bridge.topic("alice/phone")?.contains("busy") == true)
        }
    }

    @Test("What was held is forgotten with the connection, and read anew")
    func heldAndLost() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "away")
        bridge.topics[DeviceKey("alice/phone")] = Array("busy".utf8)
        bridge.reconnect()
        #expect(bridge.word("alice") == "busy")
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "busy")
    }

    @Test("A forged mark of the bridge and a name that nobody can have take tokens, too")
    func forged() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 4) }
        bridge.says("alice/phone", "online")
        let forged = #"{"status":"busy","by":"presence-bridge"}"#
        let stray = "presence/device/alice/$phone"
        #expect(bridge.echo("alice/phone", forged).corrections.count == 1)
        #expect(bridge.echo("alice/web", forged).corrections.count == 1)
        #expect(bridge.send(.misnamedFound(topic: stray)).contains(.clear(.stray(stray))))
        #expect(bridge.echo("alice/phone", forged).told == [])
        #expect(bridge.echo("alice/web", forged).told == [])
        // It waits for its turn, once, however often it is written.
        for _ in 0..<300 {
            #expect(bridge.send(.misnamedFound(topic: stray)).isEmpty)
        }
        #expect(bridge.says("bob/phone", "online").statuses.count == 1)
        let later = bridge.pass(.seconds(5))
        #expect(later.filter { $0 == .clear(.stray(stray)) }.count == 1)
    }

    @Test("A user whose name begins with an accent has one bucket for all of its strays")
    func combiningName() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 4) }
        let strays = (0..<10).map { "presence/device/\u{301}a/$\($0)" }
        let cleared = strays.filter { stray in
            bridge.send(.misnamedFound(topic: stray)).contains(.clear(.stray(stray)))
        }
        #expect(cleared.count == 4)
    }
}
