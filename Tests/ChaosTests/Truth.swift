import Crowd

/// What is true once everybody has said what they wanted to say.
struct Truth: Sendable {
    /// The words of the devices that are there, by user and device.
    var devices: [String: [String: String]] = [:]
    /// Everybody who may have a status.
    var names: [String] = []
    /// What each user has said of itself.
    var descriptions: [String: String] = [:]
    /// Acknowledged subscriptions of each user, and when they end.
    var subscriptions: [String: [String: Int64]] = [:]
    /// What each user that is there was told of others.
    var views: [String: [String: SeenStatus]] = [:]

    /// What others may see of a user's devices: an invisible one is not there.
    func visible(_ user: String) -> [String: String] {
        (devices[user] ?? [:]).filter { $0.value != "invisible" }
    }

    /// The word of a user: of the device that ranks first, of equals the one whose name does.
    func word(_ user: String) -> String {
        let ranked = visible(user).sorted { left, right in
            let ranks = (Self.rank(left.value), Self.rank(right.value))
            return ranks.0 == ranks.1
                ? left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
                : ranks.0 < ranks.1
        }
        return ranked.first?.value ?? "offline"
    }

    private static func rank(_ word: String) -> Int {
        switch word {
        case "busy", "dnd": 0
        case "away", "idle", "xa", "sleeping": 2
        default: 1
        }
    }
}

extension RandomWalk {
    /// What is true now, as far as it was acknowledged.
    var truth: Truth {
        var truth = Truth()
        truth.names = setting.everyName
        for device in everybody + visitors where device.isPresent {
            truth.devices[device.options.user, default: [:]][device.options.device] = device.word
        }
        truth.descriptions = descriptions
        for user in names {
            guard let view = asker(user)?.view else { continue }
            truth.subscriptions[user] = view.subscriptions
            if asker(user)?.isArrived == true { truth.views[user] = view.users }
        }
        return truth
    }

    /// What has not come to rest yet, in words; empty when all has been said and answered.
    var unrest: [String] {
        var words: [String] = []
        if !storm.isOver { words.append("\(storm.waiting) visitors are still to come") }
        for device in everybody + visitors {
            let name = "\(device.options.user)/\(device.options.device)"
            if !device.isSettled { words.append("\(name) has not said what it is: \(device.word)") }
            if device.unanswered > 0 {
                words.append("\(name) waits for \(device.unanswered) answers")
            }
            if device.isPresent, !device.view.isUpToDate { words.append("\(name) is behind") }
        }
        return words
    }
}
