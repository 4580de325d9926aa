/// What a bridge asks of the plugin, on `$CONTROL/presence/v1`.
package enum ControlMessage: Hashable, Sendable {
    /// Whether the plugin is there, and what it can do.
    ///
    /// - Parameter asksForStated: Whether it is to say as well on which device topics something was
    ///   stated since the broker's start.
    case hello(asksForStated: Bool)
    /// The same, and which version it has, and what its clock says.
    case about
    /// To publish one payload to many watchers.
    case fanOut(FanOut)

    /// One payload, and who is told.
    package struct FanOut: Hashable, Sendable {
        package var names: [Name]
        /// The quality of service, 0 or 1.
        package var qos: Int32
        /// After how many seconds the broker forgets the message; `nil` for never.
        package var expiry: UInt32?
        /// Whether the bridge wants to be told when all of it is on its way.
        package var asksForDone: Bool
        /// Where in the message the payload lies.
        package var payload: Range<Int>
    }

    /// Where a bridge speaks to the plugin.
    package static let topic = "$CONTROL/presence/v1"

    /// The most watchers of one message.
    package static let mostNames = 10_000
    /// The most bytes of the line in front of the payload: names of that number and length.
    package static let longestLine = 2 << 20
    /// The most bytes that one message becomes: names times payload.
    package static let mostBytes = 64 << 20

    /// Why a message is refused, in words for the broker's log.
    package struct Fault: Error, Hashable, Sendable {
        package let reason: String
    }

    /// How a bridge asks whether the plugin is there.
    package static let question = Array(#"{"hello":1}"#.utf8)

    /// How a bridge asks on which device topics something was stated since the broker's start.
    ///
    /// A plugin that does not know the key greets, and says no more.
    package static let questionOfStated = Array(#"{"hello":1,"stated":true}"#.utf8)

    /// What the plugin says to a bridge, and to that bridge alone.
    package enum Answer: Hashable, Sendable {
        /// To its question: the plugin is there.
        ///
        /// - Parameter isOvertaken: Whether what the bridge sends behind a fan-out can go out before
        ///   it. mosquitto 2.1 handles several packets of a connection in one turn, and what a plugin
        ///   publishes goes out at the start of the next.
        case greeting(isOvertaken: Bool)
        /// A fan-out that asked for it is on its way: what is sent from now on comes behind it.
        case done
        /// Some of the device topics that are not empty, and on which something was stated since the
        /// broker's start: what is retained there is no copy from before it.
        case stated([DeviceKey])
        /// Of itself, behind a greeting.
        case about(About)

        package var payload: [UInt8] {
            switch self {
            case .greeting(isOvertaken: false): Array(#"{"fanout":1}"#.utf8)
            case .greeting(isOvertaken: true): Array(#"{"fanout":1,"overtaken":true}"#.utf8)
            case .done: Array(#"{"done":true}"#.utf8)
            case .stated(let devices): Self.list(of: devices[...], longest: .max).payload
            case .about(let about): about.payload
            }
        }

        /// Reads a payload; `nil` if it is that of a plugin that speaks another version.
        package init?(reading payload: [UInt8]) {
            let value = unsafe payload.withUnsafeBytes { unsafe try? JSONValue(parsing: $0) }
            guard let object = value?.object else { return nil }
            if object["done"] == .bool(true) {
                self = .done
            } else if let list = object["stated"]?.array {
                guard let devices = Self.devices(list) else { return nil }
                self = .stated(devices)
            } else if object["fanout"]?.integer == 1 {
                self = .greeting(isOvertaken: object["overtaken"] == .bool(true))
            } else if let about = About(object) {
                self = .about(about)
            } else {
                return nil
            }
        }
    }

    /// Reads a message: a line of JSON, and after it, if it asks for something to be published, a
    /// line feed and the payload.
    package init(reading bytes: Span<UInt8>) throws(Fault) {
        let line = try Self.line(of: bytes)
        let parsed = unsafe bytes.extracting(0..<line).withUnsafeBytes {
            unsafe try? JSONValue(parsing: $0)
        }
        guard let object = parsed?.object else {
            throw Fault(reason: "its first line is no JSON object")
        }
        if let hello = object["hello"] {
            guard hello.integer == 1 else { throw Fault(reason: "its hello is not 1") }
            let asksForStated = try Self.truth(object["stated"], "stated")
            let isAbout = try Self.truth(object["about"], "about")
            self = isAbout ? .about : .hello(asksForStated: asksForStated)
            return
        }
        guard let list = object["fanout"]?.array else {
            throw Fault(reason: "its first line has neither hello nor a list fanout")
        }
        let start = min(line + 1, bytes.count)
        self = .fanOut(
            FanOut(
                names: try Self.names(list),
                qos: try Self.qos(object["qos"]),
                expiry: try Self.expiry(object["expiry"]),
                asksForDone: try Self.truth(object["done"], "done"),
                payload: start..<bytes.count
            )
        )
        guard list.count * (bytes.count - start) <= Self.mostBytes else {
            throw Fault(reason: "it would become more than \(Self.mostBytes) bytes")
        }
    }

    private static func line(of bytes: Span<UInt8>) throws(Fault) -> Int {
        let end = min(bytes.count, longestLine + 1)
        for index in 0..<end where bytes[index] == UInt8(ascii: "\n") { return index }
        guard end <= longestLine else {
            throw Fault(reason: "its first line is longer than \(longestLine) bytes")
        }
        return end
    }

    private static func names(_ list: [JSONValue]) throws(Fault) -> [Name] {
        guard list.count <= mostNames else {
            throw Fault(reason: "it has \(list.count) names; \(mostNames) are allowed")
        }
        var names: [Name] = []
        names.reserveCapacity(list.count)
        for value in list {
            guard let name = value.string.flatMap(Name.init(user:)) else {
                throw Fault(reason: "its list fanout has something that is no name of a user")
            }
            names.append(name)
        }
        return names
    }

    private static func qos(_ value: JSONValue?) throws(Fault) -> Int32 {
        switch value {
        case nil, .integer(1): return 1
        case .integer(0): return 0
        default: throw Fault(reason: "its qos is neither 0 nor 1")
        }
    }

    private static func truth(_ value: JSONValue?, _ key: String) throws(Fault) -> Bool {
        switch value {
        case nil: return false
        case .bool(let isAsked): return isAsked
        default: throw Fault(reason: "its \(key) is neither true nor false")
        }
    }

    private static func expiry(_ value: JSONValue?) throws(Fault) -> UInt32? {
        guard let value else { return nil }
        guard let seconds = value.integer, let expiry = UInt32(exactly: seconds), expiry > 0 else {
            throw Fault(reason: "its expiry is no number of seconds")
        }
        return expiry
    }
}
