import Presence
import PresencePluginCore
import Testing

@Suite("What the plugin hears")
struct ClientMessagesTests {
    @Test("A statement on a device of the own user is heard, and no other")
    func statements() {
        let phone = DeviceKey(Name(checked: "bob"), Name(checked: "phone"))
        #expect(
            meaning("presence/device/bob/phone", by: "bob") == .statement(phone, Statement(.online))
        )
        for topic in [
            "presence/device/eve/phone", "presence/device/bob", "presence/device/bob/a/b",
            "presence/status/bob", "presence/device/bob/", "presence/request/bob/phone/get", "x",
        ] {
            #expect(meaning(topic, by: "bob") == nil, "\(topic)")
        }
    }

    @Test("What the bridge will refuse as a statement is none: the client is still spoken for")
    func refused() {
        let long = #"{"status":"away","x":"\#(String(repeating: "x", count: Statement.longest))"}"#
        for payload in ["{", #"{"status":7}"#, "no word", "\u{1}", long] {
            #expect(meaning("presence/device/bob/phone", payload, by: "bob") == nil, "\(payload)")
        }
        for payload in ["", "away", #"{"status":"away","session":"a"}"#] {
            #expect(meaning("presence/device/bob/phone", payload, by: "bob") != nil, "\(payload)")
        }
    }

    @Test("A topic that is cleared is heard, and so is a command that may throw clients out")
    func others() {
        let phone = DeviceKey(Name(checked: "bob"), Name(checked: "phone"))
        #expect(meaning("presence/device/bob/phone", "", by: "bob") == .statement(phone, nil))
        let messages = ClientMessages(PluginOptions())
        for (topic, device, isCommand) in [
            ("presence/device/bob/phone", phone, false), ("presence/device/bob", nil, false),
            ("$CONTROL/dynamic-security/v1", nil, true), ("$CONTROL/presence/v1", nil, false),
            ("$CONTROL/dynamic-security/v1/response", nil, false),
        ] as [(String, DeviceKey?, Bool)] {
            let bytes = Array(topic.utf8)
            #expect(messages.device(bytes.span) == device, "\(topic)")
            #expect(messages.isCommand(bytes.span) == isCommand, "\(topic)")
        }
    }

    @Test("A bridge's question to a device is heard, and nobody else's")
    func questions() {
        let phone = DeviceKey(Name(checked: "bob"), Name(checked: "phone"))
        let question = #"{"operation":"announce"}"#
        let topic = "presence/response/bob/phone"
        #expect(meaning(topic, question, by: "b", isBridge: true) == .announce(phone))
        #expect(meaning(topic, question, by: "bob") == nil)
        #expect(meaning("\(topic)/x", question, by: "b", isBridge: true) == nil)
        for payload in ["", "{", #"{"operation":"get"}"#, #"{"operation":7}"#, "announce"] {
            #expect(meaning(topic, payload, by: "b", isBridge: true) == nil, "\(payload)")
        }
    }

    @Test("Whatever is not about devices or answers is of no concern")
    func concern() {
        let messages = ClientMessages(PluginOptions())
        for (topic, concerns) in [
            ("presence/device/a/b", true), ("presence/response/a/b", true), ("presence/x", false),
            ("presence/device", false), ("presencedevice/a", false), ("", false),
        ] {
            let bytes = Array(topic.utf8)
            #expect(messages.concerns(bytes.span) == concerns, "\(topic)")
        }
    }

    private func meaning(
        _ topic: String,
        _ payload: String = "online",
        by user: String,
        isBridge: Bool = false
    ) -> ClientMessages.Meaning? {
        let bytes = Array(payload.utf8)
        return ClientMessages(PluginOptions()).meaning(
            of: topic,
            bytes.span,
            by: user,
            isBridge: isBridge
        )
    }
}
