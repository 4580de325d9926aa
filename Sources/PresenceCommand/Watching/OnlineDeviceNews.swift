import PresenceClient

/// What a login says about its connection, its bridge and its device, in a line each, when it
/// changes.
struct OnlineDeviceNews {
    private let device: String
    private var isOnline = true
    private var bridgeIsThere: Bool
    private var wasThere: Bool

    /// - Parameter bridgeIsThere: Whether a bridge was there when the login was told.
    init(_ device: String, bridgeIsThere: Bool) {
        self.device = device
        self.bridgeIsThere = bridgeIsThere
        wasThere = bridgeIsThere
    }

    /// The line for an update; `nil` when it changes nothing that is worth one.
    mutating func hear(_ update: Update) -> String? {
        switch update {
        case .connection(.up):
            defer { isOnline = true }
            return isOnline ? nil : "connected again"
        case .connection(.down(let words)):
            defer { isOnline = false }
            return isOnline ? "\(words); trying again" : nil
        case .bridge(let state):
            guard (state != nil) != bridgeIsThere else { return nil }
            bridgeIsThere = state != nil
            defer { wasThere = wasThere || bridgeIsThere }
            if !bridgeIsThere { return "the bridge is away: nobody is told until it is back" }
            return wasThere ? "the bridge is back" : "a bridge is there"
        case .severalBridges(let ids) where !ids.isEmpty:
            let names = ids.map(\.text).joined(separator: ", ")
            return "\(ids.count) bridges serve this prefix, where there should be one: \(names)"
        case .deviceReplaced(let word?):
            return "the device \(device) is \(word) now: another program uses this name, too; give "
                + "each its own --id"
        case .deviceReplaced(nil):
            return "another program has logged out the device \(device), whose name it uses, too; "
                + "it is stated again; give each its own --id"
        case .status, .subscriptionEnded, .caughtUp, .severalBridges, .missingEvents,
            .deviceRefused, .missed, .connection(.over):
            return nil
        }
    }
}
