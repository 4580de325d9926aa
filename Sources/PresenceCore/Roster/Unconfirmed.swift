import Presence

/// What the bridge wrote to device topics and has not seen come back.
///
/// A word of the device may have arrived just before it, and been overwritten. While the connection
/// stands both come back, and the word is put back; if it breaks before, nobody knows of the word.
/// So once the next connection is read the devices are asked to announce themselves.
struct Unconfirmed: Sendable {
    /// The most that are remembered; a broker that drops what comes back may leave many.
    static let most = 10_000

    private var keys: Set<DeviceKey> = []

    /// Notes a write.
    mutating func insert(_ key: DeviceKey) {
        if keys.count < Self.most { keys.insert(key) }
    }

    /// It came back.
    mutating func remove(_ key: DeviceKey) { keys.remove(key) }

    /// All of them, which are then forgotten.
    mutating func takeAll() -> [DeviceKey] {
        defer { keys = [] }
        return keys.sorted()
    }
}

extension PresenceCore {
    /// Notes what is about to be written to device topics.
    mutating func noteUnconfirmed() {
        for write in turn.writes {
            switch write {
            case .retain(.device(let user, let device), _), .clear(.device(let user, let device)):
                unconfirmed.insert(DeviceKey(user, device))
            default: continue
            }
        }
    }

    /// Asks those whose word may have been overwritten as the last connection broke.
    mutating func askUnconfirmed() {
        for key in unconfirmed.takeAll() {
            turn.replies.append(announcement(key.user, key.device))
        }
    }
}
