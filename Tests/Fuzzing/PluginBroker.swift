import Presence
import PresencePluginCore

/// A broker as its plugin sees it, and what the broker knows besides.
struct PluginBroker {
    private var attendance: Attendance
    private let access: Access
    private let messages: ClientMessages
    private var stated = StatedTopics()
    private var now = Duration.seconds(1)
    /// Who is connected, by key, and whether it has stated anything itself.
    ///
    /// Logins and client ids are names here for that these are compared byte for byte.
    private var connected: [UInt: (user: Name, id: Name, speaks: Bool)] = [:]
    /// Users who wrote on a topic that may be the plugin's: what is there is their own matter.
    private var authors: Set<Name> = []
    /// What is retained by the plugin's words alone.
    private var retained: [DeviceKey: StatusWord] = [:]

    init() {
        var options = PluginOptions()
        options.autoPresence = true
        options.acl = true
        options.settlingTime = .milliseconds(300)
        options.bridgeUsers = ["bridge"]
        attendance = Attendance(options, run: "fuzz")
        access = Access(options)
        messages = ClientMessages(options)
    }

    /// Plays a line; says which rule was broken.
    mutating func play(_ line: [[UInt8]], _ reached: inout Set<String>) -> String? {
        guard let verb = line.first?.text, line.count > 1 else { return nil }
        let key = UInt(truncatingIfNeeded: line[1].number ?? 0)
        switch verb {
        case "come" where line.count > 3:
            come(key, Name(checked: line[2].text), Name(checked: line[3].text), &reached)
        case "go":
            connected[key] = nil
            attendance.disconnected(key, .untold, at: now)
        case "wait": return tick(after: .milliseconds((line[1].number ?? 0) % 100_000), &reached)
        case "say" where line.count > 3: say(key, line[2], line[3], &reached)
        case "control": return control(line[1], &reached)
        case "judge" where line.count > 2: return judge(line[1], line[2], &reached)
        default: break
        }
        return nil
    }

    private mutating func come(
        _ key: UInt,
        _ user: Name,
        _ id: Name,
        _ reached: inout Set<String>
    ) {
        // A pointer that comes again is that of another connection.
        if connected[key].map({ $0.user == user && $0.id == id }) == false { connected[key] = nil }
        let admission = attendance.connecting(
            key,
            username: user.text,
            clientID: id.text,
            at: now
        )
        guard admission == .undecided else {
            reached.insert("id taken")
            return
        }
        reached.insert("come")
        if connected[key].map({ $0.user == user && $0.id == id }) != true {
            connected[key] = (user, id, false)
        }
        // The broker throws off whoever had the id.
        for (other, client) in connected where other != key && client.id == id {
            connected[other] = nil
            attendance.disconnected(other, .untold, at: now)
            reached.insert("taken over")
        }
    }

    private mutating func say(
        _ key: UInt,
        _ topic: [UInt8],
        _ payload: [UInt8],
        _ reached: inout Set<String>
    ) {
        guard let client = connected[key], messages.concerns(topic.span) else { return }
        if let device = messages.device(topic.span) {
            stated.note(device, isEmptied: payload.isEmpty)
        }
        let meaning = messages.meaning(
            of: topic.text,
            payload.span,
            by: client.user.text,
            isBridge: client.user.text == "bridge"
        )
        guard case .statement(let device, let statement) = meaning else { return }
        reached.insert("own word")
        attendance.stated(key, on: device, statement)
        connected[key]?.speaks = true
        retained[device] = nil
        authors.insert(device.user)
    }

    private mutating func tick(
        after duration: Duration,
        _ reached: inout Set<String>
    ) -> String? {
        now += duration
        var writings: [Attendance.Writing] = []
        attendance.tick(at: now, into: &writings)
        for writing in writings {
            if writing.payload.isEmpty {
                reached.insert("cleared")
                retained[writing.device] = nil
                continue
            }
            guard let statement = try? Statement(reading: writing.payload, longest: 1_024) else {
                return "a statement cannot be read: \(writing.payload.text)"
            }
            reached.insert(statement.status.text)
            retained[writing.device] = statement.status
        }
        return nil
    }

    private func control(_ bytes: [UInt8], _ reached: inout Set<String>) -> String? {
        do throws(ControlMessage.Fault) {
            switch try ControlMessage(reading: bytes.span) {
            case .hello(asksForStated: false): reached.insert("hello")
            case .hello(asksForStated: true): return answerStated(&reached)
            case .about: reached.insert("about")
            case .fanOut(let message):
                reached.insert("fan-out")
                guard message.payload.upperBound == bytes.count else { return "a payload is cut" }
                for name in message.names where Name(user: name.text) == nil {
                    return "\(name) is told"
                }
            }
        } catch {
            reached.insert("refused")
        }
        return nil
    }

    /// A bridge learns from the answers of just the topics that were written.
    private func answerStated(_ reached: inout Set<String>) -> String? {
        let devices = stated.devices
        if !devices.isEmpty { reached.insert("stated") }
        let told = ControlMessage.Answer.stated(devices, longest: 100).flatMap { payload in
            guard case .stated(let some)? = ControlMessage.Answer(reading: payload) else {
                return [DeviceKey]()
            }
            return some
        }
        return told == devices ? nil : "of \(devices.count) topics \(told.count) are told"
    }

    /// What a user may write is on a topic of its own, by the topic's own reading.
    private func judge(
        _ topic: [UInt8],
        _ user: [UInt8],
        _ reached: inout Set<String>
    ) -> String? {
        for act in [Access.Act.read, .write, .subscribe, .unsubscribe] {
            guard access.judge(act, topic.span, by: user.span) == .allowed, act == .write,
                user.text != "bridge"
            else { continue }
            reached.insert("allowed")
            switch Topics().meaning(of: topic.text) {
            case .device(let owner, _), .request(let owner, _, _):
                if owner.text != user.text { return "\(user.text) writes \(topic.text)" }
            case .misnamed: break
            default: return "\(user.text) writes \(topic.text)"
            }
        }
        return nil
    }

    /// Waits until everything must have been said, and says what is not right.
    mutating func end() -> [String] {
        var reached: Set<String> = []
        for _ in 0..<3 {
            if let complaint = tick(after: .seconds(1), &reached) { return [complaint] }
        }
        for (id, word) in retained where word == .online {
            let isThere = connected.values.contains { client in
                client.user == id.user && !client.speaks
            }
            if !isThere { return ["\(id.user)/\(id.device) is a ghost"] }
        }
        for client in connected.values where !client.speaks && client.user.text != "bridge" {
            guard let user = Name(user: client.user.text), !authors.contains(user) else { continue }
            let isOnline = retained.contains { $0.key.user == user && $0.value == .online }
            if !isOnline { return ["\(client.user) is connected as \(client.id), and not online"] }
        }
        for key in connected.keys { attendance.disconnected(key, .untold, at: now) }
        _ = tick(after: .seconds(1), &reached)
        let left = attendance.counts
        if left != (0, 0, 0) { return ["\(left) are left when everyone has gone"] }
        if retained.values.contains(.online) { return ["somebody is online when all have gone"] }
        return []
    }
}
