import Presence
import Testing

@testable import PresenceCore

@Suite("Sessions")
struct SessionTests {
    @Test("The will of an old connection changes nothing, and the last statement is put back")
    func stale() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"a"}"#)
        bridge.says("alice/phone", #"{"status":"away","session":"b"}"#)
        let effects = bridge.says("alice/phone", #"{"status":"lost","session":"a"}"#)
        #expect(
            effects.told == [
                #"device/alice/phone {"status":"away","session":"b","by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.pass(.seconds(10)).told == [])
        #expect(bridge.word("alice") == "away")
    }

    @Test("A will counts that has the session, or none, or where none is known")
    func current() {
        let pairs = [
            (#"{"session":"a"}"#, #"{"status":"lost","session":"a"}"#),
            (#"{"session":"a"}"#, "lost"), ("online", #"{"status":"lost","session":"a"}"#),
        ]
        for (birth, will) in pairs {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", birth)
            bridge.says("alice/phone", will)
            bridge.pass(.seconds(3))
            #expect(bridge.status("alice")?.cause == .lost, "\(birth) \(will)")
        }
    }

    @Test("A statement without a session keeps the one before")
    func kept() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"a"}"#)
        bridge.says("alice/phone", "away")
        bridge.says("alice/phone", #"{"status":"lost","session":"b"}"#)
        #expect(bridge.pass(.seconds(10)).told == [])
        #expect(
            bridge.topic("alice/phone")
                == #"{"status":"away","session":"a","by":"presence-bridge"}"#
        )
    }

    @Test("A logout of another session is a logout")
    func logout() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"a"}"#)
        bridge.says("alice/phone", #"{"status":"offline","session":"b"}"#)
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .logout)
    }

    @Test("A session is remembered across a restart of the bridge")
    func restart() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"b"}"#)
        bridge.restart()
        bridge.topics[DeviceKey("alice/phone")] = Array(#"{"status":"lost","session":"a"}"#.utf8)
        #expect(
            bridge.connect().corrections == [
                #"device/alice/phone {"status":"online","session":"b","by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.pass(.seconds(10)).told == [])
    }

    @Test("Whoever came back while nobody listened, and says so, was never away")
    func cameBack() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"a"}"#)
        bridge.restart()
        bridge.topics[DeviceKey("alice/phone")] = Array(#"{"status":"lost","session":"a"}"#.utf8)
        #expect(bridge.connect().announced == ["alice/phone"])
        bridge.says("alice/phone", #"{"session":"b"}"#)
        #expect(bridge.pass(.seconds(200)).told == [])
        #expect(bridge.word("alice") == "online")
    }

    @Test("Whose will is found and who is not known is asked: it may hide that the device has come")
    func unknown() {
        var bridge = Bridge.serving()
        bridge.restart()
        bridge.topics[DeviceKey("alice/phone")] = Array(#"{"status":"lost","session":"a"}"#.utf8)
        bridge.topics[DeviceKey("bob/phone")] = Array("lost".utf8)
        #expect(bridge.connect().announced == ["alice/phone"])
        #expect(bridge.topics == [:])
    }

    @Test("After a restart of the broker the will of what was found is none of an old connection")
    func willOfHeld() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"a"}"#)
        bridge.topics[DeviceKey("alice/phone")] = Array(#"{"session":"b"}"#.utf8)
        bridge.restartBroker()
        bridge.says("alice/phone", #"{"status":"lost","session":"b"}"#)
        bridge.pass(.seconds(4))
        #expect(bridge.status("alice")?.cause == .lost)
        #expect(bridge.topic("alice/phone") == #"{"status":"lost","session":"b"}"#)
    }
}

extension [Effect] {
    /// The devices that are asked to say that they are there.
    fileprivate var announced: [String] {
        compactMap { effect in
            guard case .reply(let reply) = effect,
                reply.payload == [UInt8](RestartTests.announce.utf8)
            else { return nil }
            return String(reply.topic.dropFirst("presence/response/".count))
        }
    }
}
