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
            guard seen.insert(key).inserted else {
                let shown = key == "device_name_key" ? Self.hidden : value
                throw OptionFault(key: key, value: shown, right: "it was given before")
            }
            try set(key, value)
        }
        guard !bridgeUsers.isEmpty || !(autoPresence || acl) else {
            throw OptionFault(
                key: "bridge_users",
                value: nil,
                right: "auto_presence and acl need the user that the bridge logs in as"
            )
        }
    }

    private static let keys = [
        "acl", "auto_presence", "bridge_users", "device_name", "device_name_key", "missing_wills",
        "monitor_users",
        "other",
        "settling_time", "status_readers", "topic_prefix",
    ]

    private mutating func set(_ key: String, _ value: String) throws(OptionFault) {
        switch key {
        case "auto_presence": autoPresence = try Self.truth(key, value)
        case "device_name": deviceName = try Self.word(key, value)
        case "device_name_key": deviceNameKey = try Self.secret(key, value)
        case "settling_time": settlingTime = try Self.milliseconds(key, value)
        case "missing_wills": givenMissingWills = try Self.word(key, value)
        case "acl": acl = try Self.truth(key, value)
        case "other": other = try Self.word(key, value)
        case "status_readers": statusReaders = try Self.word(key, value)
        case "bridge_users": bridgeUsers = try Self.users(key, value)
        case "monitor_users": monitorUsers = try Self.users(key, value)
        case "topic_prefix": topicPrefix = try Self.prefix(key, value)
        default:
            let known = Self.keys.joined(separator: ", ")
            throw OptionFault(
                key: key,
                value: value,
                right: "there is no such option; there are \(known)"
            )
        }
    }

    private static func truth(_ key: String, _ value: String) throws(OptionFault) -> Bool {
        switch value {
        case "true": return true
        case "false": return false
        default: throw OptionFault(key: key, value: value, right: "it is true or false")
        }
    }

    /// What stands in messages for a value that is a secret.
    private static let hidden = "********"

    /// The key is in no message: mosquitto's log is read by more people than its configuration.
    private static func secret(_ key: String, _ value: String) throws(OptionFault) -> String {
        guard (16...256).contains(value.utf8.count) else {
            throw OptionFault(
                key: key,
                value: hidden,
                right: "it has 16 to 256 bytes; this has \(value.utf8.count)"
            )
        }
        return value
    }

    private static func milliseconds(
        _ key: String,
        _ value: String
    ) throws(OptionFault) -> Duration {
        guard let number = Int(value), (0...60_000).contains(number) else {
            throw OptionFault(key: key, value: value, right: "it is 0 to 60000 milliseconds")
        }
        return .milliseconds(number)
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        _ value: String
    ) throws(OptionFault) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: value) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw OptionFault(key: key, value: value, right: "it is one of \(words)")
        }
        return word
    }

    /// Names with commas between; blanks around a name are no part of it.
    private static func users(_ key: String, _ value: String) throws(OptionFault) -> [String] {
        var users: [String] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            let name = trimmed(part)
            guard Name(user: name) != nil else {
                throw OptionFault(
                    key: key,
                    value: value,
                    right: "it is names of users with commas between; \"\(name)\" is none"
                )
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

    private static func prefix(_ key: String, _ value: String) throws(OptionFault) -> String {
        if let fault = TopicPrefix.fault(of: value) {
            throw OptionFault(
                key: key,
                value: value,
                right: "it \(fault); allowed: \(TopicPrefix.rule)"
            )
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
