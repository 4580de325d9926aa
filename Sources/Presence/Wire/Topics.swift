/// The topics of one presence service, below its prefix.
public struct Topics: Hashable, Sendable {
    /// What a topic that was received is about.
    public enum Meaning: Hashable, Sendable {
        /// A device's statement.
        case device(user: Name, device: Name)
        /// A user's retained status.
        case status(user: Name)
        /// A request; the operation is as it was written.
        case request(user: Name, device: Name, operation: String)
        /// A device, status or request topic with a name that nobody can have.
        case misnamed
    }

    /// The levels in front of all topics, as `presence`; no slash at its ends.
    public let prefix: String
    private let head: [UInt8]

    /// The topics below a prefix of one or several levels.
    public init(prefix: String = "presence") {
        self.prefix = prefix
        head = Array(prefix.utf8) + [slash]
    }

    /// Where a device's statement is retained.
    public func device(_ user: Name, _ device: Name) -> String { join("device", user, device) }

    /// Where a user's status is retained.
    public func status(_ user: Name) -> String { "\(prefix)/status/\(user)" }

    /// Where a device publishes its requests.
    public func request(_ user: Name, _ device: Name, _ operation: Request.Operation) -> String {
        "\(join("request", user, device))/\(operation.rawValue)"
    }

    /// Where a device finds the answers to its requests, unless it names a topic below.
    public func response(_ user: Name, _ device: Name) -> String { join("response", user, device) }

    /// Where a watcher's devices find their events.
    public func event(_ watcher: Name) -> String { "\(prefix)/event/\(watcher)" }

    /// Where the bridge's own state is retained.
    public func bridge(_ id: String) -> String { "\(prefix)/bridge/\(id)" }

    /// Where the processes of a bridge talk to the other bridges of the prefix.
    public func duty(_ id: String) -> String { "\(bridge(id))/duty" }

    /// The filter for the states of all bridges.
    public var everyBridge: String { "\(prefix)/bridge/+" }

    /// The filter for what bridges say to each other.
    public var everyDuty: String { "\(prefix)/bridge/+/duty" }

    /// The bridge that a topic is about, and whether the topic is where bridges talk rather than
    /// where its state is; `nil` when it is neither.
    public func bridge(of topic: String) -> (id: String, isDuty: Bool)? {
        let start = "\(prefix)/bridge/"
        guard topic.utf8.starts(with: start.utf8) else { return nil }
        let levels = topic.dropFirst(start.count)
            .split(separator: "/", omittingEmptySubsequences: false)
        guard let id = levels.first else { return nil }
        if levels.count == 1 { return (String(id), false) }
        return levels.count == 2 && levels[1] == "duty" ? (String(id), true) : nil
    }

    /// Where a bridge retains a mark beside its own state: what has become of it after a restart of the
    /// broker tells how old what the broker has kept is.
    public func mark(_ id: String) -> String { "\(bridge(id))/mark" }

    /// Where a bridge retains below which prefix it describes users to other programs.
    public func export(_ id: String) -> String { "\(bridge(id))/export" }

    /// Where the plugin in the broker answers a bridge, and that one alone.
    public func plugin(_ id: String) -> String { "\(bridge(id))/plugin" }

    /// Where one of the bridge's numbers is retained.
    public func metric(_ id: String, _ name: String) -> String { "\(bridge(id))/metrics/\(name)" }

    /// Whether a topic stands below the prefix.
    package func holds(_ topic: String) -> Bool { topic.utf8.starts(with: head) }

    /// The filter for all devices' statements.
    public var everyDevice: String { "\(prefix)/device/+/+" }

    /// The filter for the statements of one user's devices.
    public func devices(of user: Name) -> String { "\(prefix)/device/\(user)/+" }

    /// The filter for all users' statuses.
    public var everyStatus: String { "\(prefix)/status/+" }

    /// The filter for all requests.
    public var everyRequest: String { "\(prefix)/request/+/+/+" }

    /// Whether an answer to the device may go to the topic: its own response topic or one below that
    /// brokers take.
    public func permitsResponse(to topic: String, user: Name, device: Name) -> Bool {
        let own = response(user, device)
        guard topic.utf8.starts(with: own.utf8) else { return false }
        let rest = topic.utf8.dropFirst(own.utf8.count)
        guard let first = rest.first else { return true }
        return first == slash && TopicName.isPublishable(topic)
    }

    /// What a topic is about; `nil` when it is none of those that the bridge reads.
    ///
    /// Every message goes through here, so that only its names are made strings of.
    public func meaning(of topic: String) -> Meaning? {
        var topic = topic
        return topic.withUTF8 { bytes in
            guard unsafe bytes.starts(with: head) else { return nil }
            let levels = unsafe bytes[head.count...].split(
                separator: slash,
                maxSplits: 4,
                omittingEmptySubsequences: false
            )
            let kind = unsafe levels[0]
            if unsafe levels.count == 3, unsafe kind.elementsEqual("device".utf8) {
                guard let user = unsafe Name(user: text(levels[1])),
                    let device = unsafe Name(device: text(levels[2]))
                else { return .misnamed }
                return .device(user: user, device: device)
            }
            if unsafe levels.count == 2, unsafe kind.elementsEqual("status".utf8) {
                return unsafe Name(user: text(levels[1])).map { .status(user: $0) } ?? .misnamed
            }
            if unsafe levels.count == 4, unsafe kind.elementsEqual("request".utf8) {
                guard let user = unsafe Name(user: text(levels[1])),
                    let device = unsafe Name(device: text(levels[2]))
                else { return .misnamed }
                return unsafe .request(user: user, device: device, operation: text(levels[3]))
            }
            return nil
        }
    }

    private func text(_ level: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        unsafe String(decoding: level, as: UTF8.self)
    }

    /// Every answer has such a topic: it is put together byte by byte, in memory of its size.
    private func join(_ kind: String, _ user: Name, _ device: Name) -> String {
        let count =
            head.count + kind.utf8.count + user.text.utf8.count + device.text.utf8.count + 2
        return unsafe String(unsafeUninitializedCapacity: count) { topic in
            var end = unsafe topic.initialize(fromContentsOf: head)
            end = unsafe topic[end...].initialize(fromContentsOf: kind.utf8)
            unsafe topic.initializeElement(at: end, to: slash)
            end = unsafe topic[(end + 1)...].initialize(fromContentsOf: user.text.utf8)
            unsafe topic.initializeElement(at: end, to: slash)
            return unsafe topic[(end + 1)...].initialize(fromContentsOf: device.text.utf8)
        }
    }
}

private let slash = UInt8(ascii: "/")
