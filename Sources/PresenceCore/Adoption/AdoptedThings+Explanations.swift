import Presence

/// What is known of adopted things, for whoever asks why their user is as it is.
extension AdoptedThings {
    func explain(_ id: UserID, _ suspectsEnd: Int64?) -> [DeviceExplanation] {
        table[id].map { device in
            var explanation = DeviceExplanation(
                name: device.name,
                shown: device.shown,
                said: device.said,
                verdict: device.overruled.map { $0 == .restart ? .restart : .ttl },
                heard: device.heard,
                ttl: device.ttl > 0 ? device.ttl / 1_000 : nil,
                ttlEnds: device.ttlEnds,
                departure: device.departure
            )
            if device.shown != nil, device.isDoubtful(known), let suspectsEnd {
                (explanation.doubt, explanation.doubtEnds) = (.restart, suspectsEnd)
            }
            let gateway = gateways.key(of: device.gateway)
            let isThere: Bool? =
                switch gateways.standing(of: device.gateway) {
                case .there: true
                case .going, .gone: false
                case .unknown: nil
                }
            explanation.adopted = DeviceExplanation.Adopted(
                topic: device.topic,
                gateway: gateway,
                isGatewayThere: gateway == nil ? nil : isThere
            )
            return explanation
        }
    }
}
