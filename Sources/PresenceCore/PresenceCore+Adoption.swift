import Presence

/// What topics that are not the protocol's say, carried to whom it concerns.
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
        for outcome in adoption.takeOutcomes() {
            switch outcome {
            case .shows(let id, let device, let word): users.show(word, of: device, id)
            case .hides(let id, let device, let departure):
                users.show(nil, of: device, id, departure)
            case .stored(let key): unsaved.note(key)
            case .released(let id): names.release(id)
            case .alarm(let purpose, let time): alarms.set(purpose, at: time)
            case .refused: counts.errors += 1
            case .remark(let words): effects.append(.log(.notice, words))
            case .mended: if readings.phase == .serving { counts.mended += 1 }
            }
        }
    }

    /// Takes in which devices were online, by a status that is newer than what the store knew: each by
    /// whoever speaks for it.
    mutating func adopt(_ status: UserStatus, of id: UserID) {
        var own = status
        own.devices.removeAll { adoption.claims(status.username, $0.name) }
        tellDevices { devices, _ in devices.adopt(own, of: id) }
        let others = status.devices.filter { adoption.claims(status.username, $0.name) }
        guard !others.isEmpty else { return }
        let since = status.since ?? clock.second(at: now)
        tellAdopted { adoption, _ in adoption.adopt(others, of: id, status.username, since: since) }
    }

    /// Asks alone for the adopted topics that a reading of everything has not found.
    mutating func askForAdopted(missingIn reading: ReadingID, isCut: Bool) {
        var missing: [String] = []
        tellAdopted { adoption, _ in missing = adoption.missing(in: reading, isCut: isCut) }
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
