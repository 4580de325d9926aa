import Presence
import PresenceAdoption

/// What adopted things say, carried to whom it concerns, and what is to be heard of them.
extension PresenceCore {
    /// Lets the adopted things act by what is known of the broker now, and carries on what they say.
    ///
    /// Where nothing is adopted this is all.
    mutating func tellAdopted(_ act: (inout Adoption, inout Names) -> Void) {
        guard !adoption.isIdle else { return }
        adoption.look(at: Evidence(broker, readings, clock, at: now))
        act(&adoption, &names)
        followAdopted()
    }

    private mutating func followAdopted() {
        clock.learn(adoption.told)
        var isRefused = false
        for outcome in adoption.takeOutcomes() {
            switch outcome {
            case .device(.shows(let id, let device, _))
            where !users.hasRoom(for: device, of: id, limits):
                adoption.refuse(id, device)
                isRefused = true
            case .device(let outcome): followAdopted(outcome)
            case .refused: counts.errors += 1
            case .remark(let words): effects.append(.log(.notice, words))
            case .detail(let words): effects.append(.log(.detail, words))
            case .asksForBirth(let topic):
                effects.append(.command(topic, RebirthCommand.payload(at: now.unix)))
            case .listens(let filters): turn.learned.listen(to: filters)
            case .asks(let topics): turn.learned.ask(for: topics)
            case .stopsListening(let topics): turn.learned.stopListening(to: topics)
            }
        }
        if isRefused { followAdopted() }
    }

    private mutating func followAdopted(_ outcome: DeviceOutcome) {
        follow(outcome)
        switch outcome {
        case .shows(let id, _, _), .hides(let id, _, _):
            devices.note(adopted: adoption.shownCount(of: id), of: id)
        default: break
        }
    }

    /// Takes in which devices were online, by a status that is newer than what the store knew: each by
    /// whoever speaks for it.
    mutating func adopt(_ status: UserStatus, of id: UserID) {
        var own = status
        own.devices.removeAll { adoption.claims(status.username, $0.name) }
        tellDevices { devices, _ in devices.adopt(own, of: id) }
        let others = status.devices.filter { adoption.claims(status.username, $0.name) }
        let since = status.since ?? clock.second(at: now)
        tellAdopted { adoption, _ in adoption.adopt(others, of: id, status.username, since: since) }
    }

    /// Carries to the broker which topics were learned, and which are not listened to any more.
    mutating func followLearned() {
        guard !turn.learned.isEmpty else { return }
        let learned = turn.learned
        turn.learned = LearnedTopics()
        let (ended, begun) = (learned.ended, learned.begun)
        if !ended.isEmpty { effects.append(.stopListening(to: ended)) }
        if !begun.isEmpty { effects.append(.listen(to: begun)) }
        ask(adopted: learned.asked)
    }

    /// Asks alone for the adopted topics that a reading of everything has not found.
    mutating func askForAdopted(missingIn reading: ReadingID, isCut: Bool) {
        var missing: [String] = []
        tellAdopted { adoption, _ in missing = adoption.missing(in: reading, isCut: isCut) }
        // What is listened to is asked for by its own subscription.
        followLearned()
        ask(adopted: missing)
    }

    /// Asks for single adopted topics alone, so many at once.
    mutating func ask(adopted topics: [String]) {
        var rest = topics[...]
        while !rest.isEmpty {
            let asked = Array(rest.prefix(Readings.mostConfirmed))
            rest = rest.dropFirst(asked.count)
            effects.append(.read(readings.ask(adopted: asked, at: now), .adopted(asked)))
        }
    }
}
