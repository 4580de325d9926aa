import Presence

/// The oracle: what each device truly is, by what it and its wills said to the broker, told over
/// again in the most naive way.
///
/// It knows the protocol's rules about words and sessions and nothing of how the bridge keeps them.
package struct Truth {
    struct Device {
        /// The last word that counts; `nil` where the device is not known.
        var word: String?
        var session: String?
        var ttl: Int64?
        /// When the last word came, in milliseconds of uptime.
        var stated: Int64 = 0
        /// When something came that the bridge must have been there to take in the right way.
        var delicate: ClosedRange<Int64>?
        /// Whether the will of an old connection came, and nothing from it since.
        var isContradicted = false
        /// Whether it left garbage on its topic, and nothing retained since.
        var isDefaced = false
        /// Whether the broker ended without its will, and the bridge may take it at its word.
        var maySurvive = false
    }

    private static let gone: Set<String> = ["offline", "lost", "invisible"]
    private static let patience = Attention.patience

    private var users: [String: [String: Device]] = [:]
    /// When the bridge was there to hear.
    private(set) var attention = Attention()
    /// What holds for plain things since the broker's last start; `nil` where there are none.
    private var plain: PlainTruth?

    package init() {}

    // MARK: - The world

    /// From now on the bridge may miss what is not retained.
    package mutating func troubleBegan(at uptime: Int64) { attention.troubleBegan(at: uptime) }

    /// For a while the bridge may have missed what is not retained, and goes on.
    package mutating func troubled(_ range: ClosedRange<Int64>) { attention.troubled(range) }

    /// The broker has begun to run: nobody is online who does not say so again.
    ///
    /// But a device that names no session, and whose will was not sent, may be a ghost where the broker has
    /// kept that it had been told of the bridge's end: then what is found on its topic counts.
    package mutating func brokerStarted(at uptime: Int64, keepsBridgesEnd: Bool = false) {
        for (user, devices) in users {
            for (name, device) in devices {
                // Who has survived no start before this one was given up after that.
                let wasThere = device.stated >= attention.brokerStarted || device.maySurvive
                let maySurvive = keepsBridgesEnd && wasThere && device.session == nil
                users[user]?[name]?.maySurvive = maySurvive
            }
        }
        attention.brokerStarted(at: uptime)
    }

    /// The bridge serves under an epoch.
    package mutating func served(epoch number: Int64, at uptime: Int64) {
        attention.served(epoch: number, at: uptime)
    }

    /// The broker ended as `end` says, and the bridge came, after the broker, at a time.
    package mutating func plain(_ truth: PlainTruth) { plain = truth }

    // MARK: - Words

    /// A device, or its will, said something and the broker took it.
    package mutating func hear(
        _ payload: [UInt8],
        of user: String,
        _ device: String,
        isRetained: Bool,
        at uptime: Int64
    ) {
        var known = users[user]?[device] ?? Device()
        defer { users[user, default: [:]][device] = known }
        let said = Said(payload)
        if isRetained { known.isDefaced = said == nil }
        guard let said else {
            // The bridge puts back the last word that it knows: it must have heard that one.
            known.delicate = known.stated...(uptime + Self.patience)
            return
        }
        let isOld = said.word == "lost" && said.session != nil && said.session != known.session
        if isOld, known.word == nil || known.session != nil {
            // It hides what was there before it, if nobody has read that.
            known.delicate = known.stated...(uptime + Self.patience)
            known.isContradicted = true
            return
        }
        if Self.gone.contains(said.word) || said.isClear, known.word == nil { return }
        if said.isClear {
            known = Device(stated: uptime)
        } else {
            known.word = said.word
            known.session = said.session ?? known.session
            known.ttl = said.ttl
            known.stated = uptime
            known.delicate = nil
            known.isContradicted = false
            known.maySurvive = false
        }
        if !isRetained { known.delicate = uptime...(uptime + Self.patience) }
    }

    /// Whether the bridge has ever held the broker to have restarted.
    package var hasSeenRestart: Bool { attention.epoch.number > 1 }

    /// Whether the will of an old connection was the last that came of a device that is online: where
    /// messages may have been missed, it may be a newer one's as far as the bridge can know.
    package func isContradicted(_ user: String, _ device: String) -> Bool {
        guard let known = users[user]?[device], let word = known.word else { return false }
        return known.isContradicted && !Self.gone.contains(word)
    }

    /// Whether a device left garbage on its topic, where a reading may find that after what the device
    /// said since and did not have kept: what the device meant last only the device can say.
    package func isDefaced(_ user: String, _ device: String) -> Bool {
        users[user]?[device]?.isDefaced ?? false
    }

    /// The bridge had no room for a device: what of it was meant only the device can say.
    package mutating func refuse(_ user: String, _ device: String) {
        users[user]?[device]?.delicate = 0...Int64.max
    }

    /// The devices of each user that are online, and those of which nobody can say.
    package func devices(
        at uptime: Int64,
        maxDevices: Int
    ) -> (online: [String: [String: String]], unsure: Set<String>) {
        var online: [String: [String: String]] = [:]
        var unsure: Set<String> = []
        for (user, devices) in users {
            online[user] = [:]
            for (name, device) in devices {
                if let delicate = device.delicate, attention.isTroubled(delicate) {
                    unsure.insert("\(user)/\(name)")
                }
                guard let word = device.word, !Self.gone.contains(word) else { continue }
                if let ttl = device.ttl, uptime - device.stated >= ttl * 1_000 { continue }
                if device.stated < attention.brokerStarted {
                    if device.maySurvive { unsure.insert("\(user)/\(name)") }
                    continue
                }
                // What a plain thing said before the bridge came is known to count, or not to.
                if let verdict = plain?.verdict(
                    user,
                    device.stated,
                    knownSince: attention.epoch.since
                ) {
                    switch verdict {
                    case .counts: online[user]?[name] = word
                    case .doesNot: break
                    case .open:
                        unsure.insert("\(user)/\(name)")
                        online[user]?[name] = word
                    }
                    continue
                }
                // Who fell silent before the bridge knew of the restart is held to be gone.
                if device.stated < attention.epoch.since { unsure.insert("\(user)/\(name)") }
                online[user]?[name] = word
            }
            if online[user]?.count ?? 0 > maxDevices {
                unsure.formUnion(devices.keys.map { "\(user)/\($0)" })
            }
        }
        return (online, unsure)
    }
}

/// What a payload of a device topic says, read in the most naive way; there is none where it is
/// no statement.
struct Said {
    var word: String
    var session: String?
    var ttl: Int64?
    /// Whether it is empty: a logout after which the device is not remembered.
    var isClear = false

    init?(_ payload: [UInt8]) {
        guard payload.count <= 1_024 else { return nil }
        if payload.isEmpty {
            word = "offline"
            isClear = true
            return
        }
        guard let text = String(validating: payload, as: UTF8.self) else { return nil }
        guard text.hasPrefix("{") else {
            word = Self.understood(text.trimmingWhiteSpace)
            guard Self.isWord(word) else { return nil }
            return
        }
        guard case .object(let object)? = try? JSONValue(parsing: payload) else { return nil }
        let known: Set<String> = ["status", "session", "ttl"]
        guard object.keys.isEmpty || !known.isDisjoint(with: object.keys) else { return nil }
        word = "online"
        for (key, value) in object {
            switch (key, value.string, value.integer) {
            case ("status", let text?, _): word = text
            case ("session", let text?, _) where text.utf8.count <= 64: session = text
            case ("ttl", _, let seconds?) where (5...86_400).contains(seconds): ttl = seconds
            case ("status", _, _), ("session", _, _), ("ttl", _, _): return nil
            default: break
            }
        }
        word = Self.understood(word)
        guard Self.isWord(word) else { return nil }
    }

    /// What things say by habit stands for a word of the protocol.
    private static func understood(_ text: String) -> String {
        let word = text.lowercased()
        if ["1", "true", "on", "connected", "available"].contains(word) { return "online" }
        if ["0", "false", "off", "disconnected", "unavailable", "dead"].contains(word) {
            return "lost"
        }
        // A letter that is not ASCII may have one that is for its lower case.
        return text.utf8.allSatisfy { $0 < 0x80 } ? word : text
    }

    private static func isWord(_ word: String) -> Bool {
        (1...32).contains(word.utf8.count)
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension String {
    fileprivate var trimmingWhiteSpace: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
