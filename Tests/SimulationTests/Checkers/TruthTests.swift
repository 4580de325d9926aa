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
}
