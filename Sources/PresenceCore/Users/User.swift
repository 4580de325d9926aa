import Presence

/// What is known of one user beyond its devices: what is told of it.
struct User: Hashable, Sendable {
    /// The devices that are online, and the description.
    var visible = Visible()
    /// The Unix second at which the description goes away by itself.
    @Compact var descriptionExpires: Int64? = nil
    /// The second at which the user came online or was last seen.
    @Compact var since: Int64? = nil
    @Compact var updated: Int64? = nil
    /// The number of the last change, 0 for a user who was never seen.
    var seq: Int64 = 0
    /// When the user's alarm goes off, in milliseconds since 1970.
    @Compact var wake: Int64? = nil
    var cause: Cause?

    var isOnline: Bool { !visible.devices.isEmpty }

    /// Whether there is anything to know of the user beyond its name.
    var isKnown: Bool { seq > 0 || !visible.devices.isEmpty || !visible.description.isEmpty }

    /// The Unix millisecond at which all that is known of the user is forgotten.
    func forgetTime(after lifetime: Duration) -> Int64? {
        guard let updated, !isOnline, lifetime > .zero else { return nil }
        return updated * 1_000 + lifetime.milliseconds
    }

    /// Sets the alarm for what comes due next; `nil` if one that is as early is set already.
    mutating func setWake(forgetAfter: Duration) -> Int64? {
        var due = descriptionExpires.map { $0 * 1_000 }
        if let forget = forgetTime(after: forgetAfter) { due = min(due ?? forget, forget) }
        return wake.bringForward(to: due)
    }

    /// Gives a user who looks different than before its new times and number.
    mutating func change(since touch: Touch, second: Int64, at now: Instant) {
        // Where the clock was set back, a user who was known before may have been forgotten since: the
        // numbers begin anew behind the latest second, not below those that were told of it.
        let isBehind = seq == 0 && second > now.second
        seq = max(seq + 1, isBehind ? (second + 1) * 1_000 : now.unix)
        updated = second
        guard touch.before.devices.isEmpty == isOnline else { return }
        if isOnline {
            (since, cause) = (second, nil)
        } else {
            since = max(since ?? 0, touch.departure?.came ?? second)
            cause = touch.departure?.cause ?? .logout
        }
    }
}

/// The part of a user's status whose change is told.
struct Visible: Hashable, Sendable {
    /// The devices that are online, sorted by name.
    var devices: [DeviceStatus] = []
    /// The description, `""` if there is none.
    var description = ""

    /// Shows a device with a word, or with `nil` not at all.
    mutating func show(_ status: StatusWord?, of name: Name) {
        if let place = devices.firstIndex(where: { $0.name == name }) {
            if let status {
                devices[place].status = status
            } else {
                devices.remove(at: place)
            }
        } else if let status {
            let place = devices.firstIndex { name < $0.name } ?? devices.count
            devices.insert(DeviceStatus(name: name, status: status), at: place)
        }
    }
}

/// A user who has changed since its status was sealed.
struct Touch: Hashable, Sendable {
    var before: Visible
    var departure: Departure?
}

/// A user's status has changed.
struct StatusChange: Hashable, Sendable {
    var user: UserID
    /// Whether the watchers are told; otherwise only the retained status is put right.
    var isTold = true
    /// Whether a request made it, which is taken back when the store fails.
    var isRequested = false
    /// What is different since the change before, where that is to be logged.
    var difference: Difference?
}

extension UserStatus {
    /// Whether it is of somebody who has been gone so long that all of it is forgotten.
    func isOver(forgetAfter lifetime: Duration, at now: Instant) -> Bool {
        guard !isOnline, lifetime > .zero, let updated else { return false }
        return updated * 1_000 + lifetime.milliseconds <= now.unix
    }
}
