import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("Sparkplug nodes that are asked for their birth")
struct RebirthTests {
    private func asked(_ effects: [Effect]) -> [String] {
        var topics: [String] = []
        for case .command(let topic, _) in effects { topics.append(topic) }
        return topics
    }

    @Test("Nobody is asked unless the line says so")
    func off() throws {
        var bridge = try Bridge.adopting("sparkplug")
        #expect(asked(bridge.hears("spBv1.0/plant/NDATA/line", "x", retained: false)) == [])
        #expect(faults("sparkplug rebirth=yes") == ["rebirth 'yes' is neither true nor false"])
        #expect(faults("sparkplug rebirth=false") == [])
    }

    private func faults(_ text: String) -> [String] {
        do throws(AdoptionPlanError) {
            guard let line = try? AdoptionLine(text) else { return ["no line"] }
            _ = try AdoptionPlan([line], topicPrefix: "presence")
            return []
        } catch { return error.problems.map(\.reason) }
    }

    @Test(
        "Data of a node whose birth was not heard asks for it, once a minute, and not after the birth"
    )
    func data() throws {
        var bridge = try Bridge.adopting("sparkplug rebirth=true")
        let command = "spBv1.0/plant/NCMD/line"
        #expect(asked(bridge.hears("spBv1.0/plant/NDATA/line", "x", retained: false)) == [command])
        #expect(asked(bridge.hears("spBv1.0/plant/DDATA/line/pump", "x", retained: false)) == [])
        bridge.pass(.seconds(59))
        #expect(asked(bridge.hears("spBv1.0/plant/NDATA/line", "x", retained: false)) == [])
        bridge.pass(.seconds(2))
        #expect(
            asked(bridge.hears("spBv1.0/plant/DDATA/line/pump", "x", retained: false)) == [command]
        )
        bridge.hears("spBv1.0/plant/NBIRTH/line", "x", retained: false)
        bridge.pass(.seconds(61))
        #expect(asked(bridge.hears("spBv1.0/plant/NDATA/line", "x", retained: false)) == [])
        // Another node is another matter.
        #expect(
            asked(bridge.hears("spBv1.0/plant/NDATA/other", "x", retained: false)) == [
                "spBv1.0/plant/NCMD/other"
            ]
        )
        // What was missed during a loss of the connection may have been a birth.
        bridge.reconnect(after: .seconds(61))
        #expect(asked(bridge.hears("spBv1.0/plant/NDATA/line", "x", retained: false)) == [command])
    }

    @Test("A death ends what is known of the birth; a birth that was heard asks for nothing")
    func death() throws {
        var bridge = try Bridge.adopting("sparkplug rebirth=true")
        #expect(asked(bridge.hears("spBv1.0/plant/NBIRTH/line", "x", retained: false)) == [])
        #expect(asked(bridge.hears("spBv1.0/plant/DBIRTH/line/pump", "x", retained: false)) == [])
        #expect(asked(bridge.hears("spBv1.0/plant/NDEATH/line", "x", retained: false)) == [])
        #expect(asked(bridge.hears("spBv1.0/plant/NDATA/line", "x", retained: false)).count == 1)
        #expect(asked(bridge.hears("spBv1.0/STATE/scada", "x", retained: false)) == [])
    }

    @Test("The command is the metric Node Control/Rebirth with the value true")
    func payload() {
        let bytes = RebirthCommand.payload(at: 1_700_000_000_123)
        let time: [UInt8] = [0xFB, 0xD0, 0x95, 0xFF, 0xBC, 0x31]
        let name = Array("Node Control/Rebirth".utf8)
        let metric = [0x0A, 20] + name + [0x18] + time + [0x20, 11, 0x70, 1]
        #expect(bytes == [0x08] + time + [0x12, UInt8(metric.count)] + metric)
    }

    @Test("However many nodes there are, so many are remembered and no more")
    func bounds() {
        var rebirths = Rebirths()
        for number in 0..<(Rebirths.most + 1_000) {
            _ = rebirths.hearData(of: "\(number)", at: 0)
        }
        let isAsked = rebirths.hearData(of: "late", at: 1)
        #expect(!isAsked)
        let isAskedLater = rebirths.hearData(of: "late", at: Rebirths.pause)
        #expect(isAskedLater)
    }
}
