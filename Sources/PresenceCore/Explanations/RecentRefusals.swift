import OrderedCollections
import Presence

/// What of devices' statements was refused lately: of each device the newest, and of so many devices.
///
/// It is for whoever asks why a user is not online, and ends with the process.
struct RecentRefusals: Sendable {
    struct Entry: Hashable, Sendable {
        var refusal: Refusal
        /// The Unix second at which it was refused.
        var time: Int64
    }

    /// Of so many devices at most; whoever may write to topics could fill the memory.
    static let most = 256

    private var entries: OrderedDictionary<DeviceKey, Entry> = [:]

    mutating func note(_ refusal: Refusal, of key: DeviceKey, at time: Int64) {
        // The newest stands last.
        entries.removeValue(forKey: key)
        if entries.count >= Self.most { entries.removeFirst() }
        entries[key] = Entry(refusal: refusal, time: time)
    }

    mutating func erase(_ user: Name) {
        guard entries.keys.contains(where: { $0.user == user }) else { return }
        entries.removeAll { $0.key.user == user }
    }

    /// What was refused of a user's devices, the oldest first.
    func write(of user: Name, to json: inout JSONWriter) {
        json.beginArray()
        for (key, entry) in entries where key.user == user {
            json.beginObject()
            json.member("device", key.device.text)
            json.member("code", entry.refusal.code.rawValue)
            json.member("message", entry.refusal.message)
            json.member("time", entry.time)
            json.endObject()
        }
        json.endArray()
    }
}
