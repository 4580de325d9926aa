import Simulation
import Testing

@Suite("What devices truly are")
struct TruthTests {
    private static func heard(_ payloads: String...) -> Truth {
        var truth = Truth()
        for payload in payloads {
            truth.hear(Array(payload.utf8), of: "bob", "phone", isRetained: true, at: 1_000)
        }
        return truth
    }

    @Test("An old connection's will contradicts a device that is online, until it speaks")
    func contradicted() {
        let birth = #"{"status":"busy","session":"b"}"#
        let oldWill = #"{"status":"lost","session":"a"}"#
        #expect(Self.heard(birth, oldWill).isContradicted("bob", "phone"))
        #expect(!Self.heard(birth).isContradicted("bob", "phone"))
        #expect(!Self.heard(birth, oldWill, birth).isContradicted("bob", "phone"))
        #expect(!Self.heard(birth, "offline", oldWill).isContradicted("bob", "phone"))
        #expect(!Self.heard(birth, oldWill).isContradicted("bob", "web"))
    }

    @Test("Who names no session may be a ghost, as long as the broker keeps the bridge's end")
    func survives() {
        func unsure(_ payloads: String..., keeps: [Bool], then last: String? = nil) -> Bool {
            var truth = Truth()
            for payload in payloads {
                truth.hear(Array(payload.utf8), of: "bob", "phone", isRetained: true, at: 1_000)
            }
            for (number, keeps) in keeps.enumerated() {
                truth.brokerStarted(at: Int64(number + 2) * 1_000, keepsBridgesEnd: keeps)
            }
            if let last {
                truth.hear(Array(last.utf8), of: "bob", "phone", isRetained: true, at: 9_000)
            }
            return truth.devices(at: 99_000, maxDevices: 64).unsure == ["bob/phone"]
        }
        #expect(unsure("busy", keeps: [true]))
        #expect(unsure("busy", keeps: [true, true]))
        #expect(!unsure("busy", keeps: [false]))
        #expect(!unsure("busy", keeps: [true, false]))
        #expect(!unsure("busy", keeps: [false, true]))
        #expect(!unsure(#"{"session":"a"}"#, keeps: [true]))
        #expect(!unsure("busy", "lost", keeps: [true]))
        #expect(!unsure("busy", keeps: [true], then: "lost"))
        #expect(!unsure("busy", keeps: [true], then: "away"))
    }
}
