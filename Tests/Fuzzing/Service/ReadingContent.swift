import Presence
import PresenceCore

/// What a reading finds on the topics of a broker.
struct ReadingContent {
    private let topics: Topics
    private let retained: [String: [UInt8]]
    private let uptime: Int64

    init(_ topics: Topics, _ retained: [String: [UInt8]], uptime: Int64) {
        self.topics = topics
        self.retained = retained
        self.uptime = max(0, uptime)
    }

    /// What comes of a reading, with its end.
    func inputs(_ id: ReadingID, _ scope: ReadingScope) -> [Input] {
        var statuses: [Input] = []
        var devices: [Input] = []
        for (topic, payload) in retained.sorted(by: { Array($0.key.utf8) < Array($1.key.utf8) }) {
            switch topics.meaning(of: topic) {
            case .status(let user): statuses.append(.statusFound(user: user, payload: payload))
            case .device(let user, let device) where scope == .names:
                devices.append(.deviceListed(DeviceKey(user, device)))
            case .device(let user, let device) where scope.includes(user, device):
                let report = Report(user: user, device: device, payload: payload, reading: id)
                devices.append(.deviceReported(report))
            case .misnamed: devices.append(.misnamedFound(topic: topic))
            case .device, .request, nil: continue
            }
        }
        guard case .connection = scope else { return devices + [.readingEnded(id)] }
        return [.uptimeReported(uptime, isRetained: true)] + statuses + devices
            + [.readingEnded(id)]
    }
}

extension ReadingScope {
    fileprivate func includes(_ user: Name, _ device: Name) -> Bool {
        switch self {
        case .connection, .everyDevice: true
        case .names, .adopted, .discoveryMessages: false
        case .users(let users): users.contains(user)
        case .devices(let keys): keys.contains(DeviceKey(user, device))
        }
    }
}

extension [UInt8] {
    fileprivate static func < (left: [UInt8], right: [UInt8]) -> Bool {
        left.lexicographicallyPrecedes(right)
    }
}
