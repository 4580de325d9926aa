import Presence

/// A time that a device is given before it counts as gone.
struct Grace: Hashable, Sendable {
    /// What the time is for.
    enum Reason: Hashable, Sendable {
        /// To come back, after its logout or its will.
        case departure(Cause)
        /// To announce itself: its topic had the will of a connection that may be newer than the one known.
        case doubt

        var words: String {
            switch self {
            case .departure(let cause): cause.rawValue
            case .doubt: "in doubt"
            }
        }
    }

    /// How a grace has ended.
    enum End: String, Hashable, Sendable {
        case isThere = "it is there"
        case isGone = "it is gone"
        case wasRestarted = "the broker was restarted"
    }

    /// What has become of a grace.
    enum Step: Hashable, Sendable {
        case begun(Grace, at: Instant)
        case ended(End)

        /// What the log says of it.
        func words(_ user: Name, _ device: Name) -> String {
            switch self {
            case .begun(let grace, let now):
                let length = Duration.milliseconds(max(0, grace.ends - now.uptime))
                return "a grace of \(DurationText.show(length)) has begun for \(user)'s \(device): "
                    + grace.reason.words
            case .ended(let end):
                return "the grace of \(user)'s \(device) has ended: \(end.rawValue)"
            }
        }
    }

    var reason: Reason
    /// When it ends, in milliseconds of uptime.
    var ends: Int64

    /// What has happened between two looks at a device's grace; `nil` where that is nothing.
    static func step(
        from before: Grace?,
        to after: Grace?,
        isShown: Bool,
        isRestart: Bool = false,
        at now: Instant
    ) -> Step? {
        switch (before, after) {
        case (nil, nil): nil
        case (let before?, let after?) where before.reason == after.reason: nil
        case (_, let after?): .begun(after, at: now)
        case (_?, nil): .ended(isRestart ? .wasRestarted : isShown ? .isThere : .isGone)
        }
    }
}

extension Device {
    /// The time that it is given now, if it is.
    var grace: Grace? {
        if let departure { return Grace(reason: .departure(departure.cause), ends: departure.ends) }
        return doubtEnds.map { Grace(reason: .doubt, ends: $0) }
    }
}

extension Devices {
    /// Says what has become of a device's grace since an earlier look, where the log tells that.
    mutating func noteGrace(
        _ id: UserID,
        _ index: Int,
        since before: Grace?,
        isRestart: Bool = false
    ) {
        let device = table[id, index]
        let step = Grace.step(
            from: before,
            to: device.grace,
            isShown: device.isShown,
            isRestart: isRestart,
            at: now
        )
        if let step { outcomes.append(.device(.grace(id, device.name, step))) }
    }
}
