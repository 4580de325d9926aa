import DequeModule
import Presence

/// What programs ask by another way than the broker: by the code that answers requests, but for what only an
/// operator may do.
extension PresenceCore {
    /// Takes a question.
    ///
    /// What changes devices takes effect at once, among what devices say, so that the turn seals what the user
    /// shows then. Everything else waits its turn among the requests.
    mutating func take(_ question: Question) {
        do throws(Refusal) {
            switch question.act {
            case .status, .explanation, .request: return turn.requests.append(.question(question))
            case .statement(let device, let payload):
                try state(payload, for: device, question)
            case .erasure:
                let user = try Name(of: question)
                try checkServed()
                // A star's watchers are told turn by turn, and the user is erased with the last of them.
                guard !isStar(user) else { return erasures.append((question.number, user)) }
                erase(user)
            }
            turn.requests.append(.done(question.number, nil))
        } catch {
            turn.requests.append(.done(question.number, error))
        }
    }

    /// Answers a question, or prepares its answer, which waits until the turn is stored.
    mutating func answer(_ question: Question) {
        let result: Result<[UInt8], Refusal>
        var call: Call?
        do throws(Refusal) {
            let understood = try requests.understand(question, settings)
            if let query = understood.historyQuery ?? understood.explanationQuery {
                return try recall(query, understood, for: .question(question.number))
            }
            result = .success(try carryOut(understood).bytes)
            call = understood
        } catch {
            result = .failure(error)
        }
        let answer = Effect.answer(question.number, result)
        turn.answered.append(Turn.Answered(answer: answer, call: call))
    }

    mutating func answer(_ number: UInt64, _ refusal: Refusal?) {
        let result: Question.Answer = refusal.map { .failure($0) } ?? .success([])
        turn.answered.append(Turn.Answered(answer: .answer(number, result), call: nil))
    }

    /// Refuses the questions that wait, since nothing is served now: by what is wrong with them, if anything is.
    mutating func refuseQuestions() {
        for asked in turn.requests {
            switch asked {
            case .request: break
            case .question(let question):
                do throws(Refusal) {
                    _ = try requests.understand(question, settings)
                    throw Self.unserved
                } catch {
                    effects.append(.answer(question.number, .failure(error)))
                }
            case .done(let number, let refusal):
                effects.append(.answer(number, .failure(refusal ?? Self.unserved)))
            }
        }
        for (number, _) in erasures { effects.append(.answer(number, .failure(Self.unserved))) }
        erasures = []
    }

    private static let unserved = Refusal(
        .unavailable,
        "the bridge has no broker, or has not read all of it yet; try later"
    )

    /// Refuses what was done, since the store has failed.
    ///
    /// What a statement or an erasure has changed stands, as what a device says does. But it may not outlive the
    /// process, so that whoever asked for it must ask again.
    func refusedByStore(_ answer: Effect) -> Effect {
        guard case .answer(let number, .success) = answer else { return answer }
        return .answer(number, .failure(Self.unavailable))
    }

    /// Of how many watchers one turn ends the subscriptions to a user who is erased: each is a row of the store.
    static let endsPerTurn = 5_000

    private func checkServed() throws(Refusal) {
        guard readings.phase == .serving else { throw Self.unserved }
        try checkStore()
    }

    // MARK: - What only an operator may do

    /// Whether a user has more watchers than one turn may end the subscriptions of.
    private func isStar(_ user: Name) -> Bool {
        guard let id = names.id(of: user) else { return false }
        return watching.subscriptions.watchers(of: id).count > Self.endsPerTurn
    }

    /// Goes on with the erasure of a star.
    ///
    /// Until the last turn the user is as it was, to those watchers whom it has left. Nothing is lost where this ends
    /// in between: whoever asked for it has no answer, and asks again.
    mutating func continueErasing() {
        guard let (number, user) = erasures.first else { return }
        do throws(Refusal) {
            try checkServed()
            if isStar(user), let id = names.id(of: user) {
                watching.endWatchers(
                    of: id,
                    atMost: Self.endsPerTurn,
                    users,
                    names,
                    room: settings.statusRoom
                )
                return followWatching()
            }
            erase(user)
            turn.requests.append(.done(number, nil))
        } catch {
            turn.requests.append(.done(number, error))
        }
        erasures.removeFirst()
    }

    private mutating func state(
        _ payload: [UInt8],
        for text: String,
        _ question: Question
    ) throws(Refusal) {
        var statement: Statement?
        if !payload.isEmpty {
            statement = try Statement(reading: payload, longest: limits.maxStatement)
        }
        guard let device = Name(device: text) else {
            throw Refusal(
                .malformedRequest,
                "a device's name has 1 to \(Name.longestDevice) bytes without / + # and control "
                    + "characters, and does not start with $"
            )
        }
        let user = try Name(of: question)
        guard !adoption.claims(user, device) else {
            throw Refusal(.forbidden, "this device was adopted: other topics speak for it")
        }
        // Without the broker nobody knows who is there.
        guard readings.phase == .serving else { throw Self.unserved }
        if let statement, statement.status.isOnline {
            try devices.checkRoom(for: device, of: user, names)
        }
        try checkStore()
        tellDevices { devices, names in devices.take(statement, of: user, device, &names) }
    }

    /// Forgets all that is known of a user; what is connected is asked to announce itself, and begins anew.
    ///
    /// It is as if all of it had run out, so none of it is taken back when the store fails.
    private mutating func erase(_ user: Name) {
        changeLog.erase(user)
        refusals.erase(user)
        recalls.erase(user, through: changeLog.last)
        unsaved.noteBroker()
        guard let id = names.id(of: user) else { return }
        tellDevices { devices, names in devices.erase(id, names) }
        // Nobody can ask a thing that was adopted: it shows on.
        let adopted = users.table[id].visible.devices.filter { adoption.claims(user, $0.name) }
        let before = users.status(of: id, named: user)
        var farewell: UserStatus?
        if adopted.isEmpty, before.isOnline || !before.description.isEmpty {
            farewell = before.gone(at: clock.second(at: now))
        }
        // Several changes in a millisecond have numbers that are ahead of the clock.
        let seq = farewell?.seq ?? before.seq
        if seq >= now.unix { clock.learn(seq / 1_000 + 1) }
        users.erase(id, showing: adopted)
        followUsers()
        if adoption.awaitsRoom(of: id) { tellAdopted { adoption, _ in adoption.fillRoom(of: id) } }
        watching.erase(id, farewell, users, names, room: settings.statusRoom)
        followWatching()
    }
}

extension UserStatus {
    /// The last status of a user who is forgotten, for those who are told of everyone.
    fileprivate func gone(at second: Int64) -> UserStatus {
        var status = self
        (status.devices, status.description) = ([], "")
        (status.cause, status.updated) = (.logout, second)
        if isOnline { status.since = second }
        status.seq = seq + 1
        return status
    }
}

extension Name {
    /// The user whom a question is about.
    fileprivate init(of question: Question) throws(Refusal) {
        guard let name = Name(user: question.user ?? "") else {
            throw Refusal(.invalidUsername, Name.refusal(user: question.user ?? ""))
        }
        self = name
    }
}
