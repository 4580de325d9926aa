import CMosquittoBroker
import Presence
import PresencePluginCore

/// The shell: takes the broker's events, asks the values that decide, and does what they say.
///
/// mosquitto has one thread, and calls from it alone.
@safe final class Plugin {
    private let identifier: OpaquePointer
    let options: PluginOptions
    let access: Access
    let messages: ClientMessages
    let topics: Topics
    var attendance: Attendance
    /// What a bridge that was away can know from the plugin alone.
    var stated = StatedTopics()
    /// Whether it matters what clients state, and not only where.
    let hearsStatements: Bool
    /// Whether the broker is mosquitto 2.1 or later, which tells who came in, and why who goes went.
    private(set) var isModern = false
    /// For complaints that clients cause.
    var throttle = LogThrottle()
    /// Whether the broker calls at all when nothing happens.
    var heartbeat = Heartbeat()
    /// Kept from tick to tick, so that a tick that writes nothing allocates nothing.
    var writings: [Attendance.Writing] = []

    init(_ identifier: OpaquePointer, _ options: PluginOptions) {
        unsafe self.identifier = identifier
        self.options = options
        access = Access(options)
        messages = ClientMessages(options)
        hearsStatements = options.autoPresence || options.missingWills != .none
        topics = Topics(prefix: options.topicPrefix)
        attendance = Attendance(options, run: String(broker_unix_milliseconds(), radix: 36))
    }

    /// The time on a clock that never steps.
    static var now: Duration { .milliseconds(broker_milliseconds()) }

    /// Asks the broker for the events that the options need, and for no other.
    func register() -> Int32 {
        isModern = ask(for: BrokerEvent.connect) == MosquittoCode.success
        if isModern { attendance.brokerTellsArrivals() }
        for event in events {
            let code = ask(for: event)
            if code != MosquittoCode.success {
                unregister()
                return code
            }
        }
        return MosquittoCode.success
    }

    private func ask(for event: Int32) -> Int32 {
        let userdata = unsafe Unmanaged.passUnretained(self).toOpaque()
        return unsafe ControlMessage.topic.withCString { topic in
            unsafe mosquitto_callback_register(identifier, event, receive, topic, userdata)
        }
    }

    /// Takes the registrations back.
    func unregister() {
        for event in events + (isModern ? [BrokerEvent.connect] : []) {
            _ = unsafe ControlMessage.topic.withCString { topic in
                unsafe mosquitto_callback_unregister(identifier, event, receive, topic)
            }
        }
    }

    private var events: [Int32] {
        var events: [Int32] = []
        let replacesWills = options.missingWills != .none
        if options.autoPresence || options.acl {
            events.append(BrokerEvent.basicAuthentication)
        }
        if options.autoPresence || options.acl || replacesWills {
            events += [BrokerEvent.disconnect, BrokerEvent.reload, BrokerEvent.tick]
            if isModern { events.append(BrokerEvent.clientOffline) }
        }
        if hearsStatements || !options.bridgeUsers.isEmpty { events.append(BrokerEvent.message) }
        // mosquitto 2.1 says itself who was thrown out.
        if options.acl || options.missingWills == .all && !isModern {
            events.append(BrokerEvent.accessCheck)
        }
        if !options.bridgeUsers.isEmpty { events.append(BrokerEvent.control) }
        return events
    }
}

/// Where all events come in.
private let receive: MOSQ_FUNC_generic_callback = { event, data, userdata in
    guard let data = unsafe data, let userdata = unsafe userdata else {
        return MosquittoCode.success
    }
    let plugin = unsafe Unmanaged<Plugin>.fromOpaque(userdata).takeUnretainedValue()
    switch event {
    case BrokerEvent.accessCheck:
        return unsafe plugin.check(
            data.assumingMemoryBound(to: mosquitto_evt_acl_check.self).pointee
        )
    case BrokerEvent.basicAuthentication:
        return unsafe plugin.connect(
            data.assumingMemoryBound(to: mosquitto_evt_basic_auth.self).pointee
        )
    case BrokerEvent.message:
        unsafe plugin.hear(data.assumingMemoryBound(to: mosquitto_evt_message.self).pointee)
    case BrokerEvent.control:
        unsafe plugin.control(data.assumingMemoryBound(to: mosquitto_evt_control.self).pointee)
    case BrokerEvent.reload:
        plugin.attendance.reloading(at: Plugin.now)
    case BrokerEvent.tick:
        unsafe plugin.tick(data.assumingMemoryBound(to: mosquitto_evt_tick.self))
    case BrokerEvent.connect:
        unsafe plugin.arrive(data.assumingMemoryBound(to: broker_evt_connect.self).pointee)
    case BrokerEvent.disconnect, BrokerEvent.clientOffline:
        // Both tell the same in the same form.
        unsafe plugin.disconnect(
            data.assumingMemoryBound(to: mosquitto_evt_disconnect.self).pointee
        )
    default:
        break
    }
    return MosquittoCode.success
}
