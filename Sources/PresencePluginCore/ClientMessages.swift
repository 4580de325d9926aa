import Presence

/// What the plugin learns from messages that clients publish to each other.
public struct Hearing: Sendable {
    /// What a message is to the plugin.
    public enum Meaning: Hashable, Sendable {
        /// A device states something, or clears its topic.
        case statement(DeviceKey, Statement?)
        /// The bridge asks a device to state something again.
        case question(DeviceKey)
    }

    private let topics: Topics
    private let devices: [UInt8]
    private let responses: [UInt8]

    /// Listens below a prefix.
    public init(_ options: PluginOptions) {
        topics = Topics(prefix: options.topicPrefix)
        devices = Array("\(options.topicPrefix)/device/".utf8)
        responses = Array("\(options.topicPrefix)/response/".utf8)
    }

    /// Whether a message on the topic can be of interest: quick, since it is asked of every one.
    public func concerns(_ topic: Span<UInt8>) -> Bool {
        topic.begins(with: devices) || topic.begins(with: responses)
    }

    /// What a message means.
    ///
    /// - Parameters:
    ///   - isBridge: Whether a bridge has published it.
    ///   - user: The login of whoever has.
    public func meaning(
        of topic: String,
        _ payload: Span<UInt8>,
        by user: String,
        isBridge: Bool
    ) -> Meaning? {
        if case .device(let owner, let device) = topics.meaning(of: topic) {
            guard owner.text.utf8.elementsEqual(user.utf8) else { return nil }
            guard !payload.isEmpty else { return .statement(DeviceKey(owner, device), nil) }
            return statement(payload).map { .statement(DeviceKey(owner, device), $0) }
        }
        guard isBridge, let id = recipient(of: topic), isQuestion(payload) else { return nil }
        return .question(id)
    }

    private func recipient(of topic: String) -> DeviceKey? {
        let levels = topic.utf8.dropFirst(responses.count)
            .split(separator: slash, maxSplits: 2, omittingEmptySubsequences: false)
        guard levels.count == 2, let user = Name(user: String(Substring(levels[0]))),
            let device = Name(device: String(Substring(levels[1])))
        else { return nil }
        return DeviceKey(user, device)
    }

    /// The device whose topic it is, if it is one.
    public func device(_ topic: Span<UInt8>) -> DeviceKey? {
        guard topic.begins(with: devices),
            case .device(let owner, let device) = topics.meaning(
                of: topic.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            )
        else { return nil }
        return DeviceKey(owner, device)
    }

    /// Whether a message on the topic is a command by which the broker may throw clients out.
    public func isCommand(_ topic: Span<UInt8>) -> Bool {
        topic.count == Self.commands.count && topic.begins(with: Self.commands)
    }

    private static let commands = Array("$CONTROL/dynamic-security/v1".utf8)

    /// What the bridge takes for a statement.
    private func statement(_ payload: Span<UInt8>) -> Statement? {
        guard payload.count <= Statement.longest else { return nil }
        let bytes = payload.withUnsafeBytes { Array($0) }
        return try? Statement(reading: bytes, longest: Statement.longest)
    }

    /// Almost all that the bridge sends to devices are answers, which are longer.
    private func isQuestion(_ payload: Span<UInt8>) -> Bool {
        guard payload.count <= 64 else { return false }
        let value = payload.withUnsafeBytes { try? JSONValue(parsing: $0) }
        return value?.object?["operation"]?.string == "announce"
    }
}
