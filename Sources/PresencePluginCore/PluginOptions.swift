import Presence

/// What the plugin is told in mosquitto's configuration, by lines of `plugin_opt_<key> <value>`.
public struct PluginOptions: Hashable, Sendable {
    /// How a device that the plugin speaks for gets its name.
    public enum DeviceName: String, Hashable, Sendable, CaseIterable {
        /// It is the client id, where that is a name at all.
        case id
        /// It is a hash of the client id. Whoever guesses the id can tell that it is the one, unless the
        /// hash is made with a key.
        case hash
    }

    /// Who may read the retained statuses.
    public enum StatusReaders: String, Hashable, Sendable, CaseIterable {
        /// Every user reads every status.
        case everyone
        /// Every user reads its own.
        case own
        /// No user reads any; statuses come by answers and events alone.
        case none
    }

    /// What becomes of acts that are not about presence.
    public enum Other: String, Hashable, Sendable, CaseIterable {
        /// The rest of the broker's configuration decides: its `acl_file`, or another plugin.
        case `defer`
        /// They are allowed.
        case allow
    }

    /// Whose wills the plugin says in the broker's place, since that publishes none.
    public enum MissingWills: String, Hashable, Sendable, CaseIterable {
        /// Nobody's.
        case none
        /// Those of clients that are thrown out when the broker reads its configuration again.
        case reload
        /// Those of clients that a command to the dynamic security plugin throws out, too.
        case all
    }

    /// Whether every client is a device, from its connection to its end.
    public var autoPresence = false
    /// What such a device is called.
    public var deviceName = DeviceName.id
    /// What the hashes are made with; empty for nothing.
    public var deviceNameKey = ""
    /// How long a client has to speak for itself before it is spoken for.
    public var settlingTime = Duration.seconds(1)
    /// Whether the plugin enforces who may write and read what.
    public var acl = false
    /// What becomes of acts that are not about presence, where it does.
    public var other = Other.defer
    /// Who may read the statuses, where it does.
    public var statusReaders = StatusReaders.own
    /// Whose wills the plugin says in the broker's place; `nil` for what costs nothing beside the
    /// other options.
    public var givenMissingWills: MissingWills?
    /// The users that bridges log in as.
    public var bridgeUsers: [String] = []
    /// The users that read everything.
    public var monitorUsers: [String] = []
    /// The levels in front of all topics of the service.
    public var topicPrefix = "presence"

    /// The options if nothing is said.
    public init() {}

    /// Whose wills the plugin says in the broker's place.
    public var missingWills: MissingWills {
        givenMissingWills ?? (acl ? .all : autoPresence ? .reload : .none)
    }

    /// Reads options in the order in which they were given.
    ///
    /// - Throws: The first that is wrong.
    public init(reading pairs: [(key: String, value: String)]) throws(OptionFault) {
        self.init()
        var seen: Set<String> = []
        for (key, value) in pairs {
            do throws(Broken) {
                guard seen.insert(key).inserted else { throw Broken("it was given before") }
                try set(key, value)
            } catch {
                // A secret is in no message: more people read the log than the configuration.
                let shown = key == "device_name_key" ? "********" : value
                throw OptionFault(key: key, value: shown, right: error.rule)
            }
        }
        guard !bridgeUsers.isEmpty || !(autoPresence || acl) else {
            throw OptionFault(
                key: "bridge_users",
                value: nil,
                right: "auto_presence and acl need the user that the bridge logs in as"
            )
        }
    }

    /// What is right, where a value is not.
    private struct Broken: Error {
        let rule: String

        init(_ rule: String) { self.rule = rule }
    }

    private static let keys = [
        "acl", "auto_presence", "bridge_users", "device_name", "device_name_key", "missing_wills",
        "monitor_users", "other", "settling_time", "status_readers", "topic_prefix",
    ]

    private mutating func set(_ key: String, _ value: String) throws(Broken) {
        switch key {
        case "auto_presence": autoPresence = try Self.truth(value)
        case "device_name": deviceName = try Self.word(value)
        case "device_name_key": deviceNameKey = try Self.secret(value)
        case "settling_time": settlingTime = try Self.milliseconds(value)
        case "missing_wills": givenMissingWills = try Self.word(value)
        case "acl": acl = try Self.truth(value)
        case "other": other = try Self.word(value)
        case "status_readers": statusReaders = try Self.word(value)
        case "bridge_users": bridgeUsers = try Self.users(value)
        case "monitor_users": monitorUsers = try Self.users(value)
        case "topic_prefix": topicPrefix = try Self.prefix(value)
        default:
            let known = Self.keys.joined(separator: ", ")
            throw Broken("there is no such option; there are \(known)")
        }
    }

    private static func truth(_ value: String) throws(Broken) -> Bool {
        switch value {
        case "true": return true
        case "false": return false
        default: throw Broken("it is true or false")
        }
    }

    private static func secret(_ value: String) throws(Broken) -> String {
        guard (16...256).contains(value.utf8.count) else {
            throw Broken("it has 16 to 256 bytes; this has \(value.utf8.count)")
        }
        return value
    }

    private static func milliseconds(_ value: String) throws(Broken) -> Duration {
        guard let number = Int(value), (0...60_000).contains(number) else {
            throw Broken("it is 0 to 60000 milliseconds")
        }
        return .milliseconds(number)
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ value: String
    ) throws(Broken) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: value) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Broken("it is one of \(words)")
        }
        return word
    }

    /// Names with commas between; blanks around a name are no part of it.
    private static func users(_ value: String) throws(Broken) -> [String] {
        var users: [String] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            let name = trimmed(part)
            guard Name(user: name) != nil else {
                throw Broken("it is names of users with commas between; \"\(name)\" is none")
            }
            users.append(name)
        }
        return users
    }

    private static func trimmed(_ text: Substring) -> String {
        let front = text.drop { $0 == " " || $0 == "\t" }
        let end = front.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(front[...$0]) } ?? ""
    }

    private static func prefix(_ value: String) throws(Broken) -> String {
        if let fault = TopicPrefix.fault(of: value) {
            throw Broken("it \(fault); allowed: \(TopicPrefix.rule)")
        }
        return value
    }
}

extension PluginOptions: CustomStringConvertible {
    /// The options as they hold, for the broker's log.
    public var description: String {
        """
        auto_presence \(autoPresence), device_name \(deviceName.rawValue)\(deviceNameKey.isEmpty ? "" : " with a key"), \
        settling_time \(settlingTime), acl \(acl), \
        other \(other.rawValue), missing_wills \(missingWills.rawValue), status_readers \(statusReaders.rawValue), \
        bridge_users \(bridgeUsers.joined(separator: ",")), \
        monitor_users \(monitorUsers.joined(separator: ",")), topic_prefix \(topicPrefix)
        """
    }
}
