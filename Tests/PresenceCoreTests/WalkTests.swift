import Chance
import Presence
import Testing

@testable import PresenceCore

/// Devices that say what they like while bridge and broker come and go.
private struct Walk {
    static let words = ["online", "away", "busy", "offline", "lost", "invisible", ""]

    var random: SeededNumbers
    var bridge = Bridge.serving { $0.deviceBurst = 100_000 }
    /// What each device said last.
    var said: [String: String] = [:]
    /// The number in each user's last retained status.
    var numbers: [Name: Int64] = [:]

    init(seed: UInt64) { random = SeededNumbers(seed: seed) }

    mutating func step() {
        switch Int.random(in: 0..<22, using: &random) {
        case 0..<11: speak()
        case 11..<16: look(bridge.pass(.milliseconds(Int.random(in: 0..<4_000, using: &random))))
        case 16:
            bridge.send(.brokerLost)
            whisper()
            look(bridge.connect())
        case 17:
            bridge.restart()
            whisper()
            look(bridge.connect())
        case 18:
            if Bool.random(using: &random) { bridge.restart() }
            whisper()
            look(bridge.restartBroker(keepsRetained: Bool.random(using: &random)))
            look(bridge.pass(.milliseconds(Int.random(in: 0..<30_000, using: &random))))
            for (path, word) in said.sorted(by: { $0.key < $1.key })
            where !["", "offline", "lost"].contains(word) {
                look(bridge.says(path, word))
            }
        case 19:
            bridge.storeFault = "disk full"
            speak()
            look(bridge.pass(.milliseconds(Int.random(in: 0..<4_000, using: &random))))
            bridge.storeFault = nil
            look(bridge.pass(.seconds(1)))
        case 20:
            breakOff()
            whisper()
            look(bridge.connect())
        default:
            let effects = bridge.send(.readingStalled)
            look(effects + bridge.answerReadings(in: effects))
        }
    }

    /// The bridge ends in the middle of a reading.
    mutating func breakOff() {
        bridge.send(.brokerLost)
        whisper()
        for (id, scope) in bridge.send(.brokerFound).readings {
            let found = bridge.found(id, scope)
            for input in found.prefix(Int.random(in: 0...found.count, using: &random)) {
                look(bridge.send(input))
            }
        }
        if Bool.random(using: &random) { bridge.restart() } else { bridge.send(.brokerLost) }
    }

    /// A device says something.
    mutating func speak() {
        let (path, word) = choose()
        look(bridge.says(path, word))
    }

    /// Devices say something that the bridge does not hear.
    mutating func whisper() {
        for _ in 0..<Int.random(in: 0..<3, using: &random) {
            let (path, word) = choose()
            bridge.topics[DeviceKey(path)] = word.isEmpty ? nil : Array(word.utf8)
        }
    }

    mutating func choose() -> (String, String) {
        let user = Int.random(in: 0..<3, using: &random)
        let path = "user\(user)/d\(Int.random(in: 0..<2, using: &random))"
        let word = Self.words.randomElement(using: &random) ?? ""
        said[path] = word
        return (path, word)
    }

    /// A retained status has never a lower number than the one before; who is asked answers.
    mutating func look(_ effects: [Effect]) {
        for case .retain(.status(let name), let payload) in effects {
            let seq = UserStatus(reading: payload, of: name)?.seq ?? 0
            #expect(seq >= numbers[name, default: 1])
            numbers[name] = seq
        }
        for case .reply(let reply) in effects where reply.payload == Answer.announce {
            let path = String(reply.topic.dropFirst("presence/response/".count))
            let word = said[path, default: ""]
            if !["", "offline", "lost"].contains(word) { look(bridge.says(path, word)) }
        }
    }

    /// The devices of a user that said last that they are online.
    func online(_ user: Int) -> [String] {
        (0..<2).compactMap { device in
            let word = said["user\(user)/d\(device)", default: "offline"]
            return ["online", "away", "busy"].contains(word) ? "d\(device) \(word)" : nil
        }
    }
}

@Suite("Random walks")
struct WalkTests {
    @Test("When all is calm, statuses, topics and disk agree with what the devices said last")
    func converges() {
        for seed in 0..<200 as Range<UInt64> {
            var walk = Walk(seed: seed)
            for _ in 0..<40 {
                walk.step()
            }
            walk.look(walk.bridge.pass(.seconds(120)))
            var stored: [String] = []
            for user in 0..<3 {
                let expected = walk.online(user)
                let status = walk.bridge.status("user\(user)")
                let found = status?.devices.map { "\($0.name) \($0.status)" } ?? []
                #expect(found == expected, "seed \(seed), user\(user)")
                #expect((status?.cause == nil) == (status?.isOnline ?? true), "seed \(seed)")
                stored += expected.map { "user\(user)/\($0)" }
            }
            #expect(walk.bridge.disk.deviceTexts == stored, "seed \(seed)")
            #expect(walk.bridge.reconnect().statuses == [], "seed \(seed)")
        }
    }
}
