import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("What is kept of discovery messages")
struct DiscoveredTableTests {
    @Test("Whoever describes ever more is bounded: in devices, in messages and in bytes")
    func bounds() {
        var table = DiscoveredTable()
        #expect(DiscoveredTable.mostDevices == 250_000)
        let long = String(repeating: "x", count: 60_000)
        var refused = 0
        for number in 1...6_000 {
            let text = #"{"avty_t":"s","dev":{"ids":["\#(number)"]}}"#
            guard
                case .devices(let devices, _) = DiscoveryMessage(
                    Array(text.utf8),
                    levels: ["sensor", "x", "config"]
                )
            else { continue }
            let key = DeviceKey(Name(checked: "u\(number)"), Name(checked: "d"))
            let outcome = table.describe(
                ExactText("\(long)\(number)"),
                devices.map { ($0, key) },
                hash: number,
                by: 0,
                qos: 0,
                reading: 1
            ) { _ in false }
            if outcome.isFull { refused += 1 }
        }
        #expect(refused > 700)
    }

    @Test(
        "A device that comes and goes leaves no room behind it, and one that is known is found when all is full"
    )
    func comingAndGoing() {
        var table = DiscoveredTable()
        // Some 256 MiB are 2,600 of these.
        let long = String(repeating: "x", count: 100_000)
        func isFull(_ number: Int, isThere: Bool = true) -> Bool {
            let words = WordList(on: ["a"], off: ["b"], path: [long])
            let source = DiscoveredSource(topic: "t/\(number)", words: words)
            let device = DiscoveredDevice(
                id: "\(number)",
                name: "\(number)",
                availabilities: [DiscoveredAvailability(mode: .latest, sources: [source])]
            )
            let key = DeviceKey(Name(checked: "u\(number)"), Name(checked: "d"))
            let outcome = table.describe(
                ExactText("m/\(number)"),
                isThere ? [(device, key)] : [],
                hash: isThere ? 1 : nil,
                by: 0,
                qos: 0,
                reading: 1
            ) { _ in false }
            _ = table.takeChanges()
            return outcome.isFull
        }
        for number in 1...4_000 {
            #expect(!isFull(number))
            _ = isFull(number, isThere: false)
        }
        let last = (1...4_000).first { isFull($0) } ?? 0
        #expect((2_500...2_700).contains(last))
        // One that is known is found all the same.
        #expect(!isFull(1))
        _ = isFull(1, isThere: false)
        #expect(!isFull(last))
    }
}
