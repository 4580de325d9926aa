import Presence

/// The graces of things and gateways, for the log.
extension AdoptedThings {
    /// Says what has become of a thing's grace since an earlier look.
    mutating func noteGrace(_ place: Place, since before: Grace?, isRestart: Bool = false) {
        let device = self[place]
        let step = Grace.step(
            from: before,
            to: device.grace,
            isShown: device.shown != nil,
            isRestart: isRestart,
            at: now
        )
        if let step { outcomes.append(.device(.grace(place.id, device.name, step))) }
    }

    /// Says that a gateway goes, and how long it has to come back, where the log tells that.
    mutating func noteGrace(ofGateway key: String, _ departure: Departure) {
        guard limits.tellsGraces else { return }
        let length = Duration.milliseconds(max(0, departure.ends - now.uptime))
        outcomes.append(
            .detail(
                "a grace of \(DurationText.show(length)) has begun for the gateway \(key): "
                    + departure.cause.rawValue
            )
        )
    }

    /// Says how a gateway's grace has ended, where the log tells that.
    mutating func noteGraceEnd(ofGateway key: String, _ end: Grace.End) {
        guard limits.tellsGraces else { return }
        outcomes.append(.detail("the grace of the gateway \(key) has ended: \(end.rawValue)"))
    }
}

extension AdoptedDevice {
    /// The time that it is given now, if it is.
    var grace: Grace? {
        departure.map { Grace(reason: .departure($0.cause), ends: $0.ends) }
    }
}
