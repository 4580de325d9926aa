import PresenceClient

/// What of a roster somebody looks at: from where on, whom, and whether there is help.
struct RosterView {
    /// How many of those who are shown are above the window.
    private(set) var offset = 0
    private(set) var filter = ""
    /// Whether what is typed goes into the filter.
    private(set) var isTyping = false
    private(set) var isOnlineOnly = false
    private(set) var isHelping = false
    /// How many fit the window, as it was drawn last.
    private var room = 1

    static let help = [
        "↑ ↓ j k      one up, one down",
        "PgUp PgDn    a window up, a window down (b, Space)",
        "Home End     to the first, to the last (g, G)",
        "/            show those with a text in name, word, description or device",
        "             Enter keeps it, Esc takes it away",
        "o            who is online alone, or everyone",
        "?            this help, and away",
        "q Ctrl-C     end",
    ]

    // MARK: - Keys

    /// Takes a key; returns whether it ends the watch.
    mutating func press(_ key: Key) -> Bool {
        if isTyping {
            type(key)
            return false
        }
        if isHelping {
            isHelping = false
            if key != .text("q") { return false }
        }
        switch key {
        case .text("q"): return true
        case .text("?"): isHelping = true
        case .text("o"):
            isOnlineOnly.toggle()
            offset = 0
        case .text("/"):
            isTyping = true
            offset = 0
        case .escape:
            filter = ""
            offset = 0
        case .up, .text("k"): offset -= 1
        case .down, .text("j"): offset += 1
        case .pageUp, .text("b"): offset -= room
        case .pageDown, .text(" "): offset += room
        case .home, .text("g"): offset = 0
        case .end, .text("G"): offset = .max / 2
        case .text, .enter, .backspace: break
        }
        offset = max(0, offset)
        return false
    }

    private mutating func type(_ key: Key) {
        switch key {
        case .text(let character): filter.append(character)
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter = ""
        case .up, .down, .pageUp, .pageDown, .home, .end: break
        }
        offset = 0
    }

    // MARK: - What is shown

    /// Those who are to be seen, whether they fit or not.
    func chosen(_ roster: Roster) -> ArraySlice<UserStatus> {
        let all = isOnlineOnly ? roster.statuses.prefix(roster.onlineCount) : roster.statuses[...]
        guard !filter.isEmpty else { return all }
        return all.filter(matches)[...]
    }

    /// Sees to it that the window is full, as long as there are so many.
    mutating func fit(_ room: Int, of count: Int) {
        self.room = max(1, room)
        offset = max(0, min(offset, count - room))
    }

    private func matches(_ status: UserStatus) -> Bool {
        let texts = [status.username.text, status.status.text, status.description]
        let wanted = filter.lowercased()
        return (texts + status.devices.map(\.name.text)).contains {
            $0.lowercased().contains(wanted)
        }
    }

    /// What the first line says of it; empty where all is to be seen.
    func words(_ count: Int) -> String {
        var words = isOnlineOnly ? " · only these" : ""
        if !filter.isEmpty {
            words += " · \(count) with \"\(DisplayText.safe(filter))\""
        }
        return words
    }
}
