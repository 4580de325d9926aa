import Curl
import Logging
import Presence
import PresenceCore
import PresenceStore

/// Brings one receiver the changes that are for it: in order, one batch at a time, each again until it is taken.
///
/// It decides alone: whoever runs it gives it the time and the outcomes of requests, and sends what it wants
/// sent. What it knows beyond its position ends with the process.
package struct Courier: Sendable {
    /// For how long a receiver may take to answer, in milliseconds.
    package static let patience = 15_000
    /// The first pause after a failure, in milliseconds, and the longest; each is twice as long as the one before, and by up to a
    /// quarter longer than that.
    static let pauses: ClosedRange<Int64> = 1_000...300_000
    /// The least and the most time between two times that is looked for what is too old, in milliseconds.
    private static let condensing: ClosedRange<Int64> = 1_000...3_600_000
    /// How many changes are read at a time.
    private static let page = 1_000

    /// A line for the operator.
    package struct Remark: Hashable, Sendable {
        package let level: Logger.Level
        package let text: String
    }

    private enum Phase: Sendable {
        /// There is nothing to send, or it is not known yet.
        case idle
        /// A change waits for others until then, in milliseconds of uptime.
        case collecting(until: Int64)
        /// A batch is on its way since then, in milliseconds of uptime.
        case trying(WebhookBatch, since: Int64)
        /// A batch is sent again at this time.
        case pausing(WebhookBatch, until: Int64)
        /// The change log is read again at this time.
        case blocked(until: Int64)
        /// The receiver wants nothing any more.
        case ended
    }

    package let webhook: Webhook
    /// How far the receiver is.
    package private(set) var position: WebhookPosition
    /// What is counted.
    package private(set) var counts = WebhookCounts()
    private var phase = Phase.idle
    private var failures = 0
    /// When the first of these failures was, in milliseconds of uptime.
    private var failing: Int64?
    /// When is looked for what is too old or too much, in milliseconds of uptime, and when that was last.
    private var nextCondensing: Int64 = 0
    private var lastCondensing: Int64?
    /// The last id when that was.
    private var condensedAt: Int64 = 0
    private var remarks: [Remark] = []
    private var random: any RandomNumberGenerator & Sendable

    /// A courier that begins at a position.
    ///
    /// - Parameter random: spreads the tries.
    package init(
        _ webhook: Webhook,
        from position: WebhookPosition,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.webhook = webhook
        self.position = position
        self.random = random
    }

    /// What there is to say since the last time.
    package mutating func takeRemarks() -> [Remark] {
        defer { remarks = [] }
        return remarks
    }

    /// When it is to be asked again, in milliseconds of uptime; `Int64.max` where nothing but news matter.
    package func nextStep(_ source: some WebhookSource) -> Int64 {
        let isBehind = position.taken < source.last
        let condensing = isBehind ? nextCondensing : .max
        return switch phase {
        case .idle: isBehind ? 0 : .max
        case .collecting(let time), .blocked(let time), .pausing(_, let time): min(time, condensing)
        case .trying, .ended: condensing
        }
    }

    /// Whether the receiver wants nothing any more.
    package var hasEnded: Bool { if case .ended = phase { true } else { false } }

    /// Whether it waits for a change.
    package func waitsForNews(_ source: some WebhookSource) -> Bool {
        if case .idle = phase { position.taken >= source.last } else { false }
    }

    // MARK: - Sending

    /// What is to be sent now, if anything is; the outcome is for ``take(_:at:)``.
    package mutating func next(at now: Instant, _ source: some WebhookSource) -> HTTPRequest? {
        condense(at: now, source)
        switch phase {
        case .trying, .ended: return nil
        case .pausing(let batch, let time):
            return now.uptime >= time ? send(batch, at: now) : nil
        case .blocked(let time) where now.uptime < time: return nil
        case .idle, .blocked: return collect(until: nil, at: now, source)
        case .collecting(let time): return collect(until: time, at: now, source)
        }
    }

    /// Leaves out what is too old or too much for a receiver that is away, now and then: it is read through then.
    private mutating func condense(at now: Instant, _ source: some WebhookSource) {
        let last = source.last
        guard position.taken < last else { return }
        let hasRested = lastCondensing.map { now.uptime - $0 >= Self.condensing.lowerBound } ?? true
        let isMuch = last - condensedAt >= max(1, webhook.rows / 10)
        guard hasRested, isMuch || now.uptime >= nextCondensing else { return }
        let pause = webhook.keep * 1_000 / 60
        nextCondensing =
            now.uptime + min(max(pause, Self.condensing.lowerBound), Self.condensing.upperBound)
        (lastCondensing, condensedAt) = (now.uptime, last)
        let skipped = position.skipped
        let time = now.unix / 1_000 - webhook.keep
        // What cannot be read now is tried again the next time.
        guard
            let position = try? source.condense(
                position,
                Backlog(of: webhook.kinds, time: time, most: webhook.rows)
            )
        else { return }
        self.position = position
        let count = position.skipped - skipped
        guard count > 0 else { return }
        counts.skipped += count
        say(.warning, "\(count) changes are left out, since the receiver is too far behind")
    }

    /// Reads what is to be sent, and sends it if it is enough, or has waited long enough.
    private mutating func collect(
        until time: Int64?,
        at now: Instant,
        _ source: some WebhookSource
    ) -> HTTPRequest? {
        do throws(StoreError) {
            return try read(until: time, at: now, source)
        } catch {
            counts.oldest = counts.oldest ?? now.unix / 1_000
            phase = .blocked(
                until: now.uptime + countFailure("the change log cannot be read: \(error)", at: now)
            )
            return nil
        }
    }

    private mutating func read(
        until time: Int64?,
        at now: Instant,
        _ source: some WebhookSource
    ) throws(StoreError) -> HTTPRequest? {
        var (changes, size, end) = ([LoggedChange](), 0, position.taken)
        var isFull = false
        while !isFull, end < source.last {
            let (page, through) = try source.next(
                for: position,
                after: end,
                of: webhook.kinds,
                limit: Self.page
            )
            for change in page where webhook.kinds.contains(change.kind) {
                size += change.status.count
                guard changes.count < webhook.batch, changes.isEmpty || size <= WebhookBatch.room
                else {
                    isFull = true
                    break
                }
                changes.append(change)
                end = change.id
            }
            if !isFull {
                guard through > end || page.last != nil else { break }
                end = max(end, through)
            }
        }
        isFull = isFull || changes.count == webhook.batch
        guard let batch = WebhookBatch(changes, through: end, skipped: position.skipped) else {
            position.take(through: end)
            phase = .idle
            return nil
        }
        counts.oldest = batch.time
        let time = time ?? now.uptime + webhook.delay
        guard isFull || now.uptime >= time else {
            phase = .collecting(until: time)
            return nil
        }
        position.hold(through: batch.through)
        return send(batch, at: now)
    }

    private mutating func send(_ batch: WebhookBatch, at now: Instant) -> HTTPRequest {
        phase = .trying(batch, since: now.uptime)
        counts.tries += 1
        var request = HTTPRequest("POST", webhook.address.url)
        request.headers = batch.fields(at: now.unix / 1_000, key: webhook.secret)
        request.body = batch.body
        request.patience = Self.patience
        request.cafile = webhook.cafile
        return request
    }

    // MARK: - Outcomes

    /// Learns what became of the request that was sent last.
    package mutating func take(_ outcome: WebhookOutcome, at now: Instant) {
        guard case .trying(let batch, let since) = phase else { return }
        switch outcome {
        case .answered(200..<300, _, _): succeed(batch, since, at: now)
        case .answered(410, _, _):
            phase = .ended
            counts.failures += 1
            say(.error, "it answers 410, so nothing is sent to it until the next start")
        case .answered(let status, let pause, let location):
            let pointer = location.map { ", and points to \($0), which is not followed" } ?? ""
            fail(batch, "it answers \(status)\(pointer)", pause, at: now)
        case .failed(let reason): fail(batch, reason, nil, at: now)
        }
    }

    private mutating func succeed(_ batch: WebhookBatch, _ since: Int64, at now: Instant) {
        position.take(through: batch.through, saidToBeSkipped: batch.skipped)
        counts.taken += Int64(batch.count)
        counts.oldest = nil
        // What came meanwhile has waited since.
        phase = .collecting(until: since + webhook.delay)
        if let failing {
            let time = DurationText.show(.seconds((now.uptime - failing) / 1_000))
            say(.notice, "it takes changes again, after \(time) and \(failures) failures")
        }
        (failures, failing) = (0, nil)
    }

    private mutating func fail(
        _ batch: WebhookBatch,
        _ reason: String,
        _ wanted: Int64?,
        at now: Instant
    ) {
        counts.failures += 1
        let pause = countFailure("\(reason); it is tried again, and changes wait", at: now)
        phase = .pausing(batch, until: now.uptime + max(wanted ?? 0, pause))
    }

    /// Notes another failure, and returns for how long to pause, in milliseconds.
    private mutating func countFailure(_ words: String, at now: Instant) -> Int64 {
        // The pause is as long as can be after nine.
        let doubled = Self.pauses.lowerBound << Int64(min(failures, 9))
        let pause = min(doubled, Self.pauses.upperBound)
        // One line at the first failure, and one each time the number of them has doubled.
        if failures & (failures + 1) == 0 {
            say(.warning, words)
        }
        failures += 1
        failing = failing ?? now.uptime
        return Int64.random(in: pause...pause * 5 / 4, using: &random)
    }

    private mutating func say(_ level: Logger.Level, _ text: String) {
        remarks.append(Remark(level: level, text: "webhook \(webhook.name): \(text)"))
    }
}
