import Presence
import PresenceCore

/// One thing that happens to a service under fuzz.
enum Step: Hashable {
    /// A message reaches the broker.
    case arrive(Arrival)
    /// Time passes, in milliseconds.
    case pass(Int64)
    /// The wall clock is stepped, by so many milliseconds.
    case stepClock(Int64)
    /// The store accepts writes from now on, or not.
    case store(works: Bool)
    /// The connection to the broker is lost.
    case lose
    /// The broker is there again, the same or one that was restarted, with its retained messages
    /// or without.
    case find(BrokerReturn)
    /// The bridge is ended by a kill and starts anew.
    case restart
    /// Readings are not answered until the next ``read``.
    case hold
    /// Readings are answered.
    case read
    /// The bridge has stalled, the broker has dropped messages.
    case stall, drop
    /// More is on its way than the broker keeps up with, or no longer.
    case congest(Bool)
    /// The broker takes packets of so many bytes at most, as far as this connection lasts.
    case takesPackets(Int)
    /// The operator chooses other limits, by the number of the choice.
    case limit(Int)

    /// How a broker comes back.
    enum BrokerReturn: String, CaseIterable, Hashable {
        case same, restarted, emptied
    }
}

/// A message as it comes to the broker.
struct Arrival: Hashable {
    var topic: String
    var payload: [UInt8]
    var qos: UInt8 = 1
    var isRetained = false
    /// Empty for none.
    var responseTopic = ""
    /// The `by` user property; empty for none.
    var by = ""
}

extension Step {
    /// Reads a line of a case; `nil` for one that makes no sense.
    init?(_ words: [[UInt8]]) {
        func text(_ place: Int) -> String { place < words.count ? words[place].text : "" }
        switch text(0) {
        case "arrive":
            guard words.count > 2, !words[1].isEmpty, words[1].count <= 65_535 else { return nil }
            // Only a subscription of the bridge's brings it a message, and brokers take no NUL.
            let topic = text(1).replacing("\0", with: "")
            self = .arrive(
                Arrival(
                    topic: topic,
                    payload: words[2],
                    qos: text(3).hasPrefix("0") ? 0 : 1,
                    isRetained: text(3).hasSuffix("r"),
                    responseTopic: text(4),
                    by: text(5)
                )
            )
        case "pass":
            self = .pass(min(max(0, Int64(text(1)) ?? 0), 4_000_000_000))
        case "clock":
            let milliseconds = Int64(text(1)) ?? 0
            self = .stepClock(min(max(-1_000_000_000_000, milliseconds), 1_000_000_000_000))
        case "store": self = .store(works: text(1) == "works")
        case "lose": self = .lose
        case "find": self = .find(BrokerReturn(rawValue: text(1)) ?? .same)
        case "restart": self = .restart
        case "hold": self = .hold
        case "read": self = .read
        case "stall": self = .stall
        case "drop": self = .drop
        case "congest": self = .congest(text(1) == "yes")
        case "packets": self = .takesPackets(min(max(400, Int(text(1)) ?? 0), 1_000_000))
        case "limit": self = .limit(Int(text(1)) ?? 0)
        default: return nil
        }
    }

    /// The step as a line of a case.
    var words: [[UInt8]] {
        let texts: [String]
        switch self {
        case .arrive(let arrival):
            let flags = "\(arrival.qos)" + (arrival.isRetained ? "r" : "")
            return [[UInt8](text: "arrive"), Array(arrival.topic.utf8), arrival.payload]
                + [flags, arrival.responseTopic, arrival.by].map { Array($0.utf8) }
        case .pass(let milliseconds): texts = ["pass", "\(milliseconds)"]
        case .stepClock(let milliseconds): texts = ["clock", "\(milliseconds)"]
        case .store(let works): texts = ["store", works ? "works" : "fails"]
        case .lose: texts = ["lose"]
        case .find(let how): texts = ["find", how.rawValue]
        case .restart: texts = ["restart"]
        case .hold: texts = ["hold"]
        case .read: texts = ["read"]
        case .stall: texts = ["stall"]
        case .drop: texts = ["drop"]
        case .congest(let isCongested): texts = ["congest", isCongested ? "yes" : "no"]
        case .takesPackets(let bytes): texts = ["packets", "\(bytes)"]
        case .limit(let number): texts = ["limit", "\(number)"]
        }
        return texts.map { Array($0.utf8) }
    }
}
