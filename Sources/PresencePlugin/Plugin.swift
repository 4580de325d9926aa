import CMosquittoBroker
import Presence
import PresencePluginCore

/// The shell: takes the broker's events, asks the values that decide, and does what they say.
///
/// mosquitto has one thread, and calls from it alone.
final class Plugin {
    private let identifier: OpaquePointer
    let options: PluginOptions
    let access: Access
    let hearing: Hearing
    let topics: Topics
    var attendance: Attendance
    /// Complaints about messages on the control topic.
    var patience = Patience()
    /// Whether the broker calls at all when nothing happens.
    var heartbeat = Heartbeat()
    /// Kept from tick to tick, so that a tick that writes nothing allocates nothing.
    var writings: [Attendance.Writing] = []

    init(_ identifier: OpaquePointer, _ options: PluginOptions) {
        self.identifier = identifier
        self.options = options
        access = Access(options)
        hearing = Hearing(options)
        topics = Topics(prefix: options.topicPrefix)
        let run = String(broker_unix_milliseconds(), radix: 36)
        attendance = Attendance(options, run: run)
    }

    /// The time on a clock that never steps.
    static var now: Duration { .milliseconds(broker_milliseconds()) }

    /// Asks the broker for the events that the options need, and for no other.
    func register() -> Int32 {
        let userdata = Unmanaged.passUnretained(self).toOpaque()
        for event in events {
            let code = ControlMessage.topic.withCString { topic in
                mosquitto_callback_register(identifier, event, receive, topic, userdata)
            }
            if code != MosquittoCode.success {
                unregister()
                return code
            }
        }
        return MosquittoCode.success
    }

    /// Takes that back.
    func unregister() {
        for event in events {
            _ = ControlMessage.topic.withCString { topic in
                mosquitto_callback_unregister(identifier, event, receive, topic)
            }
        }
    }

    private var events: [Int32] {
        var events: [mosquitto_plugin_event] = []
        if options.autoPresence || options.acl {
            events += [MOSQ_EVT_BASIC_AUTH, MOSQ_EVT_DISCONNECT, MOSQ_EVT_RELOAD, MOSQ_EVT_TICK]
        }
        if options.autoPresence { events.append(MOSQ_EVT_MESSAGE) }
        if options.acl { events.append(MOSQ_EVT_ACL_CHECK) }
        if !options.bridgeUsers.isEmpty { events.append(MOSQ_EVT_CONTROL) }
        return events.map { Int32($0.rawValue) }
    }
}

/// Where all events come in.
private let receive: MOSQ_FUNC_generic_callback = { event, data, userdata in
    guard let data, let userdata else { return MosquittoCode.success }
    let plugin = Unmanaged<Plugin>.fromOpaque(userdata).takeUnretainedValue()
    switch mosquitto_plugin_event(UInt32(event)) {
    case MOSQ_EVT_ACL_CHECK:
        return plugin.check(data.assumingMemoryBound(to: mosquitto_evt_acl_check.self).pointee)
    case MOSQ_EVT_BASIC_AUTH:
        return plugin.connect(data.assumingMemoryBound(to: mosquitto_evt_basic_auth.self).pointee)
    case MOSQ_EVT_MESSAGE:
        plugin.hear(data.assumingMemoryBound(to: mosquitto_evt_message.self).pointee)
    case MOSQ_EVT_CONTROL:
        plugin.control(data.assumingMemoryBound(to: mosquitto_evt_control.self).pointee)
    case MOSQ_EVT_RELOAD:
        plugin.attendance.reloading(at: Plugin.now)
    case MOSQ_EVT_TICK:
        plugin.tick()
    case MOSQ_EVT_DISCONNECT:
        plugin.disconnect(data.assumingMemoryBound(to: mosquitto_evt_disconnect.self).pointee)
    default:
        break
    }
    return MosquittoCode.success
}
