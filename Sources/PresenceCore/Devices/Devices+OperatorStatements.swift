import Presence

/// What the operator says of devices, in their place.
extension Devices {
    /// Takes a statement that counts as if the device had said it, but for the user's rate; `nil` for an empty
    /// one.
    ///
    /// It is written to the device's topic.
    ///
    /// There must be room for the device.
    mutating func take(
        _ statement: Statement?,
        of user: Name,
        _ device: Name,
        _ names: inout Names
    ) {
        var said = statement
        // Whatever it says of itself, it is news.
        said?.by = nil
        said?.cause = nil
        let key = DeviceKey(user, device)
        let report = Report(
            user: user,
            device: device,
            payload: said?.payload ?? [],
            isRetained: false
        )
        let overruled = operatorWords.overruled(at: key) ?? onTopic(of: report, names)
        if let word = said?.status, word.isOnline || word == .invisible, said?.ttl == nil {
            said?.ttl = Statement.operatorTTL
        }
        let content = said.map { Content.statement($0, isOwn: false) } ?? .nothing
        if known.full != nil {
            resolveDeferred(before: report, &names)
            takeEffect(content, report, &names)
        } else {
            meter(report, content, isMetered: false, &names)
        }
        operatorWords.insert(key, overruling: overruled)
    }

    /// What is on a device's topic as far as is known.
    private func onTopic(of report: Report, _ names: Names) -> OperatorWords.Overruled {
        if let deferred = rates.deferred(report.user, report.device), deferred.isRetained != false {
            guard case .statement(let statement, _) = read(deferred) else {
                return OperatorWords.Overruled(statement: nil, mayBeNothing: true)
            }
            return OperatorWords.Overruled(statement: statement, mayBeNothing: false)
        }
        let device = place(of: report, names).map { table[$0.id, $0.index] }
        return OperatorWords.Overruled(
            statement: device?.said,
            mayBeNothing: device.map { $0.said == nil || $0.epoch < known.epoch } ?? true
        )
    }

    /// Whether a device may come online.
    ///
    /// - Throws: ``ErrorCode/tooManyDevices`` where its user has as many as may be without it.
    func checkRoom(for device: Name, of user: Name, _ names: Names) throws(Refusal) {
        guard let id = names.id(of: user), isFull(id) else { return }
        if let index = table.index(of: device, of: id), table[id, index].shown != nil { return }
        throw Refusal(
            .tooManyDevices,
            "\(limits.maxDevices) devices online at most; log one out first"
        )
    }

    /// Forgets every device of a user, clears the topics, and asks those that may be connected to announce
    /// themselves.
    mutating func erase(_ id: UserID, _ names: Names) {
        for device in table[id] {
            let hasGone = [.offline, .lost].contains(device.statement.status)
            let isHeld = rates.deferred(names[id], device.name) != nil
            if !hasGone || isHeld || device.shown != nil || device.awaitsProof {
                ask(names[id], device.name)
            }
            rates.drop(names[id], device.name)
            if let index = table.index(of: device.name, of: id) {
                forget(id, index, clears: true, names)
            }
        }
    }
}
