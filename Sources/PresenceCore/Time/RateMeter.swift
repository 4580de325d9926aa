import Presence

/// The number that stands for a user who has a token bucket.
typealias MeterNumber = UInt32

/// A token bucket for each user that has been busy of late, and what is held back.
struct RateMeter<Held: Sendable>: Sendable {
    /// How many buckets there may be before those that are full are dropped.
    private static var crowd: Int { 1_024 }

    /// Whether something may pass.
    enum Verdict: Hashable {
        /// It may.
        case passes
        /// It may not, and this is said: after how many milliseconds there is a token.
        case refused(wait: Int64)
        /// It may not, and the user was told so within the last second.
        case dropped
    }

    /// The users that have a bucket.
    private var users = NameTable()
    private var buckets: ContiguousArray<TokenBucket> = [TokenBucket(burst: 0, at: 0)]
    private var free: [MeterNumber] = []
    private var held = NumberTable<[(device: Name, what: Held)]>()
    private var sweepAt = crowd

    /// Takes a token of the user's.
    mutating func take(_ user: Name, rate: Int, burst: Int, at now: Instant) -> Verdict {
        sweep(rate: rate, burst: burst, at: now)
        let number = intern(user, burst: burst, at: now.uptime)
        let bucket = Int(number)
        if buckets[bucket].take(rate: rate, burst: burst, at: now.uptime) { return .passes }
        if let refused = buckets[bucket].refused, now.uptime - refused < 1_000 { return .dropped }
        buckets[bucket].refused = now.uptime
        return .refused(wait: buckets[bucket].wait(rate: rate))
    }

    /// When the user has a token again, in milliseconds.
    func wait(_ user: Name, rate: Int) -> Int64 {
        users.number(of: user).map { buckets[Int($0)].wait(rate: rate) } ?? 0
    }

    /// The number that stands for a user as long as something is held of it.
    func number(of user: Name) -> MeterNumber? { users.number(of: user) }

    /// The user with a number.
    func user(_ number: MeterNumber) -> Name? { users[number] }

    private mutating func intern(_ user: Name, burst: Int, at uptime: Int64) -> MeterNumber {
        if let number = users.number(of: user) { return number }
        let number = free.popLast() ?? MeterNumber(buckets.count)
        users.insert(user, as: number)
        if number == buckets.count {
            buckets.append(TokenBucket(burst: burst, at: uptime))
        } else {
            buckets[Int(number)] = TokenBucket(burst: burst, at: uptime)
        }
        return number
    }

    /// What became of something that was to be kept.
    enum Keeping: Hashable {
        /// It is the user's first, for which an alarm is wanted.
        case first
        /// It is kept with others.
        case kept
        /// There was no place for it.
        case dropped
    }

    /// Keeps the newest of a device until there is a token, in the place of what was kept of it, so
    /// that a device that goes on and on does not wait for ever behind others.
    mutating func hold(_ what: Held, of user: Name, _ device: Name, limit: Int) -> Keeping {
        if held(user, device) != nil {
            change(user, device) { $0 = what }
            return .kept
        }
        guard let number = users.number(of: user) else {
            preconditionFailure("\(user) was never refused a token, and nothing is to be held")
        }
        let count = held[number]?.count ?? 0
        guard count < limit else { return .dropped }
        if count == 0 { held[number] = [] }
        held[number]?.append((device, what))
        return count == 0 ? .first : .kept
    }

    /// What is held of a device.
    func held(_ user: Name, _ device: Name) -> Held? {
        holder(user).flatMap { held[$0]?.first { $0.device == device }?.what }
    }

    /// Changes what is held of a device.
    mutating func change(_ user: Name, _ device: Name, by change: (inout Held) -> Void) {
        guard let number = holder(user),
            let index = held[number]?.firstIndex(where: { $0.device == device }),
            var what = held[number]?[index].what
        else { return }
        change(&what)
        held[number]?[index].what = what
    }

    /// Drops what is held of a device, since something newer has passed.
    mutating func drop(_ user: Name, _ device: Name) {
        guard let number = holder(user) else { return }
        held[number]?.removeAll { $0.device == device }
        if held[number]?.isEmpty == true { held[number] = nil }
    }

    /// Takes what has been held longest.
    mutating func takeHeld(_ user: Name) -> Held? {
        guard let number = holder(user), let first = held[number]?.first else { return nil }
        held[number]?.removeFirst()
        if held[number]?.isEmpty == true { held[number] = nil }
        return first.what
    }

    /// Whether anything of the user's is held.
    func holds(_ user: Name) -> Bool { holder(user).map { held.contains($0) } ?? false }

    /// Drops everything that is held.
    mutating func forgetHeld() { held.removeAll() }

    /// The user's number, unless nothing is held of anybody.
    private func holder(_ user: Name) -> MeterNumber? {
        held.isEmpty ? nil : users.number(of: user)
    }

    private mutating func sweep(rate: Int, burst: Int, at now: Instant) {
        guard users.count >= sweepAt else { return }
        for number in 1..<MeterNumber(buckets.count)
        where users[number] != nil && !held.contains(number) {
            guard buckets[Int(number)].isFull(rate: rate, burst: burst, at: now.uptime) else {
                continue
            }
            users.remove(number)
            free.append(number)
        }
        sweepAt = max(Self.crowd, users.count * 2)
    }
}
