import Mosquitto
import Presence
import PresenceCore

/// What the plugin in the broker says of itself, if it is there.
struct PluginReport {
    /// What was found.
    enum State {
        case isAbsent
        /// The broker refused the question.
        case isForbidden
        /// It was not asked, since only MQTT 5 tells enough.
        case isNotAsked
        /// It has greeted; of itself it says nothing before the version that came with this
        /// release.
        case isPresent(ControlMessage.About?)
    }

    let state: State
    /// This machine's clock when the answer had come, in milliseconds of Unix time.
    private(set) var heard: Int64 = 0
    /// How long the answer took, in milliseconds.
    private(set) var delay: Int64 = 0

    init(_ examination: Examination) {
        guard let connection = examination.connection, connection.version == .v5,
            examination.broker.usesPlugin
        else {
            state = .isNotAsked
            return
        }
        let topic = examination.topics.plugin(connection.clientID)
        let question = Message(
            topic: ControlMessage.topic,
            payload: ControlMessage.questionOfItself
        )
        let asked = Instant.now.uptime
        guard !connection.publish(question).isRefused else {
            state = .isForbidden
            return
        }
        var greets = false
        var about: ControlMessage.About?
        var looked = 0
        // The plugin answers after the acknowledgement. An older plugin only greets, so nothing but the time ends
        // the wait.
        connection.wait(500) {
            for message in connection.messages[looked...] where message.topic == topic {
                switch ControlMessage.Answer(reading: message.payload) {
                case .greeting: greets = true
                case .about(let answer): about = answer
                default: break
                }
            }
            looked = connection.messages.count
            return about != nil
        }
        heard = Instant.now.unix
        delay = Instant.now.uptime - asked
        state = greets ? .isPresent(about) : .isAbsent
    }

    /// By how many milliseconds the broker's clock is ahead of this machine's; `nil` where it is
    /// not known.
    var skew: Int64? {
        guard case .isPresent(let about?) = state else { return nil }
        return Self.skew(of: about.time, heard: heard, delay: delay)
    }

    /// What is known for sure: the answer was written at some time while it was awaited.
    static func skew(of time: Int64, heard: Int64, delay: Int64) -> Int64 {
        let least = time.subtractingSaturated(heard)
        return least >= 0 ? least : min(0, least + max(0, delay))
    }
}
