import Presence

/// What the messages that clients publish mean to the plugin.
public struct ClientMessages: Sendable {
    /// What a message means.
    public enum Meaning: Hashable, Sendable {
        /// A device states something, or, with `nil`, clears its topic.
        case statement(DeviceKey, Statement?)
        /// The bridge asks a device to announce itself.
        case announce(DeviceKey)
    }

    private let topics: Topics
    private let devices: [UInt8]
    private let responses: [UInt8]

    /// The messages below the options' prefix.
    public init(_ options: PluginOptions) {
        topics = Topics(prefix: options.topicPrefix)
        devices = Array("\(options.topicPrefix)/device/".utf8)
        responses = Array("\(options.topicPrefix)/response/".utf8)
    }

    /// Whether a message on the topic can mean anything: quick, since it is asked of every message.
    public func concerns(_ topic: Span<UInt8>) -> Bool {
        topic.begins(with: devices.span) || topic.begins(with: responses.span)
    }

    /// What a message means; `nil` if it means nothing.
    ///
    /// - Parameters:
    ///   - user: The login that has published it.
    ///   - isBridge: Whether that is a bridge's.
    public func meaning(
        of topic: String,
        _ payload: Span<UInt8>,
        by user: String,
        isBridge: Bool
    ) -> Meaning? {
        if case .device(let owner, let name) = topics.meaning(of: topic) {
            guard owner.text.utf8.elementsEqual(user.utf8) else { return nil }
            let device = DeviceKey(owner, name)
            guard !payload.isEmpty else { return .statement(device, nil) }
            return statement(payload).map { .statement(device, $0) }
        }
        guard isBridge, isAnnounce(payload),
            let device = DeviceKey(levels: topic.utf8.dropFirst(responses.count))
        else { return nil }
        return .announce(device)
    }

    /// The device whose topic it is, if it is one.
    public func device(_ topic: Span<UInt8>) -> DeviceKey? {
        guard topic.begins(with: devices.span),
            case .device(let owner, let device) = unsafe topics.meaning(
                of: topic.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
            )
        else { return nil }
        return DeviceKey(owner, device)
    }

    /// Whether a message on the topic is a command by which the broker may throw clients out.
    public func isCommand(_ topic: Span<UInt8>) -> Bool { topic.equals(Self.commands.span) }

    private static let commands = Array("$CONTROL/dynamic-security/v1".utf8)

    /// What the bridge takes for a statement.
    private func statement(_ payload: Span<UInt8>) -> Statement? {
        guard payload.count <= Statement.longest else { return nil }
        let bytes = unsafe payload.withUnsafeBytes { unsafe Array($0) }
        return try? Statement(reading: bytes, longest: Statement.longest)
    }

    /// Almost all that the bridge sends to devices are answers, which are longer.
    private func isAnnounce(_ payload: Span<UInt8>) -> Bool {
        guard payload.count <= 64 else { return false }
        let value = unsafe payload.withUnsafeBytes { unsafe try? JSONValue(parsing: $0) }
        return value?.object?["operation"]?.string == "announce"
    }
}
