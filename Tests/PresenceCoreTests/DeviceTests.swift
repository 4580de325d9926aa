import Presence
import Testing

@testable import PresenceCore

@Suite("What devices say")
struct DeviceTests {
    @Test("A birth makes a user online, and the status is exact to the byte")
    func birth() {
        var bridge = Bridge.serving()
        let effects = bridge.says("alice/phone", "online")
        #expect(
            effects.told == [
                #"status/alice {"username":"alice","online":true,"status":"online","#
                    + #""description":"","devices":{"phone":"online"},"cause":null,"#
                    + #""since":1700000000,"updated":1700000000,"seq":1700000000000}"#
            ]
        )
        #expect(bridge.core.metrics.usersOnline == 1)
        #expect(bridge.core.metrics.devicesOnline == 1)
        #expect(bridge.core.metrics.statuses == 1)
    }

    @Test("A word or an object names the status, with white space around it")
    func words() {
        let payloads = [
            ("online", "online"), (" \r\n\taway \n", "away"), ("x", "x"),
            (String(repeating: "a", count: 32), String(repeating: "a", count: 32)),
            ("0_z-9", "0_z-9"), ("{}", "online"), (#" {"status":"coffee"} "#, "coffee"),
            (#"{"ttl":5}"#, "online"), (#"{"ttl":86400,"status":"busy"}"#, "busy"),
            (#"{"status":"dnd","by":"another","cause":"ttl","x":[1,{}]}"#, "dnd"),
            (#"{"session":"","status":"idle"}"#, "idle"),
        ]
        for (payload, word) in payloads {
            var bridge = Bridge.serving()
            let effects = bridge.says("alice/phone", payload)
            #expect(bridge.word("alice") == word, "\(payload)")
            #expect(effects.told.count == 1, "\(payload)")
        }
    }

    @Test("A bad payload of an unknown device is answered with its code, and cleared")
    func badPayloads() {
        let long = String(repeating: "x", count: 33)
        let payloads = [
            ("{", "malformed_request"), ("{} x", "malformed_request"),
            (#"{"status":1}"#, "malformed_request"), (#"{"ttl":"5"}"#, "malformed_request"),
            (#"{"ttl":5.0}"#, "malformed_request"), (#"{"ttl":null}"#, "malformed_request"),
            (#"{"session":7}"#, "malformed_request"),
            (#"{"session":"\#(long)\#(long)"}"#, "malformed_request"),
            ("Online!", "invalid_status"), ("on line", "invalid_status"), (" ", "invalid_status"),
            ("[]", "invalid_status"), (long, "invalid_status"), ("é", "invalid_status"),
            (#"{"status":""}"#, "invalid_status"), (#"{"status":"A."}"#, "invalid_status"),
            (#"{"ttl":4}"#, "invalid_expiry"), (#"{"ttl":86401}"#, "invalid_expiry"),
            (#"{"ttl":-5,"status":"A."}"#, "invalid_expiry"),
            (String(repeating: "x", count: 1_025), "payload_too_large"),
            ("{" + String(repeating: " ", count: 1_023) + "}", "payload_too_large"),
        ]
        for (payload, code) in payloads {
            var bridge = Bridge.serving()
            let effects = bridge.says("alice/phone", payload)
            #expect(effects.errorCode == code, "\(payload)")
            #expect(effects.corrections == ["clear device/alice/phone"], "\(payload)")
            #expect(effects.statuses == [], "\(payload)")
            #expect(bridge.core.metrics.errors == 1)
        }
    }

    @Test("The answer to a bad payload goes to the device and names the operation device")
    func answer() throws {
        var bridge = Bridge.serving()
        let reply = try #require(bridge.says("alice/phone", "Online!").answers.first)
        #expect(
            reply.hasPrefix(
                #"presence/response/alice/phone {"operation":"device","error":{"code":"#
                    + #""invalid_status","message":""#
            )
        )
    }

    @Test("What is not UTF-8 is malformed")
    func notText() {
        var bridge = Bridge.serving()
        let report = Report(
            user: Name(checked: "alice"),
            device: Name(checked: "phone"),
            payload: [0x6F, 0xFF]
        )
        #expect(bridge.send(.deviceReported(report)).errorCode == "malformed_request")
    }

    @Test("After a bad payload the last valid statement is put back, marked as the bridge's")
    func putBack() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"status":"away","ttl":60,"session":"s1"}"#)
        let effects = bridge.says("alice/phone", "No!")
        #expect(effects.errorCode == "invalid_status")
        #expect(
            effects.corrections == [
                #"device/alice/phone {"status":"away","ttl":60,"session":"s1","#
                    + #""by":"presence-bridge"}"#
            ]
        )
        #expect(effects.statuses == [])
        #expect(bridge.word("alice") == "away")
    }

    @Test("Offline, lost or nothing from an unknown device changes nothing and is cleared")
    func unknown() {
        for word in ["offline", "lost", #"{"status":"lost","session":"x"}"#] {
            var bridge = Bridge.serving()
            let effects = bridge.says("alice/phone", word)
            #expect(effects.told == ["clear device/alice/phone"], "\(word)")
        }
        var bridge = Bridge.serving()
        #expect(bridge.says("alice/phone", "").told == [])
        bridge.says("alice/phone", "online")
        let effects = bridge.says("alice/web", "lost")
        #expect(effects.told == ["clear device/alice/web"])
        bridge.pass(.seconds(10))
        #expect(bridge.word("alice") == "online")
    }

    @Test(
        "What another bridge of the prefix has written is no word of the device",
        arguments: [true, false]
    )
    func anotherBridge(isKnown: Bool) {
        var bridge = Bridge.serving()
        if isKnown { bridge.send(.bridgeFound("b")) }
        bridge.says("alice/phone", #"{"status":"away","by":"b"}"#)
        #expect(bridge.word("alice") == (isKnown ? nil : "away"))
        bridge.says("bob/phone", "busy")
        let effects = bridge.says("bob/phone", #"{"status":"away","by":"b"}"#)
        #expect(bridge.word("bob") == (isKnown ? "busy" : "away"))
        let putBack = #"device/bob/phone {"status":"busy","by":"presence-bridge"}"#
        #expect(effects.corrections == (isKnown ? [putBack] : []))
    }

    @Test("A statement without the retain flag counts, and is written retained")
    func notRetained() {
        var bridge = Bridge.serving()
        let effects = bridge.says("alice/phone", "away", retained: false)
        #expect(bridge.word("alice") == "away")
        #expect(
            effects.corrections == [
                #"device/alice/phone {"status":"away","by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.echo("alice/phone", #"{"status":"away","by":"presence-bridge"}"#) == [])
        let lost = bridge.says("alice/phone", "lost", retained: false)
        #expect(
            lost.corrections == [
                #"device/alice/phone {"status":"lost","by":"presence-bridge"}"#
            ]
        )
    }

    @Test("Nothing without the retain flag clears what the broker still keeps, and brings no ghost")
    func nothingNotRetained() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        let effects = bridge.says("alice/phone", "", retained: false)
        #expect(effects.corrections == ["clear device/alice/phone"])
        #expect(bridge.echo("alice/phone", "") == [])
        bridge.pass(.seconds(10))
        #expect(bridge.word("alice") == "offline")
        bridge.reconnect()
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.core.metrics.devicesOnline == 0)
    }

    @Test("A topic with a name that nobody can have is cleared")
    func misnamed() {
        var bridge = Bridge.serving()
        let effects = bridge.send(.misnamedFound(topic: "presence/device/$a/phone"))
        #expect(effects.told == ["clear presence/device/$a/phone"])
    }

    @Test("A repeated statement causes no event and no new retained status")
    func repetition() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        let before = bridge.statusText("alice")
        bridge.pass(.seconds(5))
        #expect(bridge.says("alice/phone", "online") == [])
        #expect(bridge.says("alice/phone", "{}") == [])
        #expect(bridge.statusText("alice") == before)
    }

    @Test("Two devices may have names that differ only in their bytes")
    func bytes() {
        var bridge = Bridge.serving()
        bridge.says("alice/e\u{301}", "away")
        bridge.says("alice/\u{E9}", "busy")
        #expect(bridge.status("alice")?.devices.count == 2)
        #expect(bridge.word("alice") == "busy")
    }

    @Test("The clear of a device that was not known does not outlive its next word in the turn")
    func clearOvertaken() {
        var bridge = Bridge.serving()
        let effects = bridge.send([
            bridge.statement("alice/phone", "offline"), bridge.statement("alice/phone", "online"),
        ])
        #expect(effects.corrections == [])
        #expect(bridge.topic("alice/phone") == "online")
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(10))
        #expect(bridge.word("alice") == "online")
    }
}
