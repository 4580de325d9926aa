import OrderedCollections
import Presence

/// The number that stands for a user who has a token bucket.
typealias MeterNumber = UInt32

/// A token bucket for each user that has been busy of late, and what waits for a token.
struct RateMeter<Deferred: Sendable>: Sendable {
    /// How many buckets there may be before those that are full are dropped.
    private static var crowd: Int { 1_024 }

    /// Whether something may pass.
    enum Outcome: Hashable {
        case passes
        /// It may not, and this is said: after how many milliseconds there is a token.
        case refused(wait: Int64)
        /// It may not, and the user was told so within the last second.
        case dropped
    }

    private var users = NameTable()
    private var buckets: ContiguousArray<TokenBucket> = [TokenBucket(burst: 0, at: 0)]
    private var free: [MeterNumber] = []
    /// What waits of each device of a user, the first to come first.
    private var deferred: [MeterNumber: OrderedDictionary<Name, Deferred>] = [:]
    private var sweepAt = crowd

    mutating func take(_ user: Name, rate: Int, burst: Int, at now: Instant) -> Outcome {
        sweep(rate: rate, burst: burst, at: now)
        let bucket = Int(intern(user, burst: burst, at: now.uptime))
        if buckets[bucket].take(rate: rate, burst: burst, at: now.uptime) { return .passes }
        if let refused = buckets[bucket].refused, now.uptime - refused < 1_000 { return .dropped }
        buckets[bucket].refused = now.uptime
        return .refused(wait: buckets[bucket].wait(rate: rate))
    }

    /// When the user has a token again, in milliseconds.
    func wait(_ user: Name, rate: Int) -> Int64 {
        users.number(of: user).map { buckets[Int($0)].wait(rate: rate) } ?? 0
    }

    /// The number that stands for a user as long as something is deferred of it.
    func number(of user: Name) -> MeterNumber? { users.number(of: user) }
    func user(_ number: MeterNumber) -> Name? { users[number] }

    private mutating func intern(_ user: Name, burst: Int, at uptime: Int64) -> MeterNumber {
        if let number = users.number(of: user) { return number }
        let bucket = TokenBucket(burst: burst, at: uptime)
        let number = free.popLast() ?? MeterNumber(buckets.count)
        users.insert(user, as: number)
        if number == buckets.count { buckets.append(bucket) } else { buckets[Int(number)] = bucket }
        return number
    }

    // MARK: - What is deferred

    /// What became of something that was to be kept.
    enum Keeping: Hashable {
        /// It is the user's first, for which an alarm is wanted.
        case first
        case kept
        /// There was no place for it.
        case dropped
    }

    /// Keeps the newest of a device until there is a token, in the place of what was kept of it, so
    /// that a device that goes on and on does not wait for ever behind others.
    mutating func put(_ what: Deferred, of user: Name, _ device: Name, limit: Int) -> Keeping {
        guard let number = users.number(of: user) else {
            preconditionFailure("\(user) was never refused a token, and nothing is to be deferred")
        }
        guard let kept = deferred[number] else {
            deferred[number] = [device: what]
            return .first
        }
        guard kept.count < limit || kept[device] != nil else { return .dropped }
        deferred[number]?[device] = what
        return .kept
    }

    func deferred(_ user: Name, _ device: Name) -> Deferred? {
        waiting(user).flatMap { deferred[$0]?[device] }
    }

    mutating func change(_ user: Name, _ device: Name, by change: (inout Deferred) -> Void) {
        guard let number = waiting(user), var what = deferred[number]?[device] else { return }
        change(&what)
        deferred[number]?[device] = what
    }

    /// Drops what is deferred of a device, since something newer has passed.
    mutating func drop(_ user: Name, _ device: Name) {
        guard let number = waiting(user) else { return }
        deferred[number]?[device] = nil
        if deferred[number]?.isEmpty == true { deferred[number] = nil }
    }

    /// Takes what has been deferred longest.
    mutating func takeDeferred(_ user: Name) -> Deferred? {
        guard let number = waiting(user), let first = deferred[number]?.elements.first
        else { return nil }
        drop(user, first.key)
        return first.value
    }

    func hasDeferred(of user: Name) -> Bool { waiting(user).map { deferred[$0] != nil } ?? false }
    mutating func forgetDeferred() { deferred.removeAll() }

    /// The user's number, unless nothing is deferred of anybody.
    private func waiting(_ user: Name) -> MeterNumber? {
        deferred.isEmpty ? nil : users.number(of: user)
    }

    private mutating func sweep(rate: Int, burst: Int, at now: Instant) {
        guard users.count >= sweepAt else { return }
        for number in 1..<MeterNumber(buckets.count)
        where users[number] != nil && deferred[number] == nil {
            guard buckets[Int(number)].isFull(rate: rate, burst: burst, at: now.uptime) else {
                continue
            }
            users.remove(number)
            free.append(number)
        }
        sweepAt = max(Self.crowd, users.count * 2)
    }
}
