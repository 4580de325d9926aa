import Presence

/// What is known of devices, for whoever asks why their user is as it is.
extension Devices {
    func explain(_ id: UserID, _ user: Name) -> [DeviceExplanation] {
        table[id].map { device in
            var explanation = DeviceExplanation(
                name: device.name,
                shown: device.shown,
                said: device.statement.status,
                verdict: device.statement.cause,
                heard: device.heard,
                session: device.statement.session,
                ttl: device.statement.ttl,
                ttlEnds: device.ttlEnds,
                departure: device.departure
            )
            if !known.isSettled, known.isSuspect(device) {
                (explanation.doubt, explanation.doubtEnds) = (.restart, suspects.end)
            } else if let ends = device.doubtEnds {
                (explanation.doubt, explanation.doubtEnds) = (.asked, ends)
            } else if device.isContradicted {
                explanation.doubt = .contradicted
            }
            explanation.isDeferred = rates.deferred(user, device.name) != nil
            return explanation
        }
    }
}
