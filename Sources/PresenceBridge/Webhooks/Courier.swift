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
    /// The first pause after a failure, in milliseconds, and the longest; each is twice as long as the one before.
    static let pauses: ClosedRange<Int64> = 1_000...300_000
    /// The pause after the change log could not be read, in milliseconds.
    static let readingPause: Int64 = 5_000
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
        /// A batch is on its way.
        case trying(WebhookBatch)
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
    private var nextCondensing: Int64 = 0
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
        do throws(StoreError) {
            try condense(at: now, source)
            switch phase {
            case .trying, .ended: return nil
            case .pausing(let batch, let time):
                return now.uptime >= time ? send(batch, at: now) : nil
            case .blocked(let time) where now.uptime < time: return nil
            case .idle, .blocked: return try collect(until: nil, at: now, source)
            case .collecting(let time): return try collect(until: time, at: now, source)
            }
        } catch {
            phase = .blocked(until: now.uptime + Self.readingPause)
            say(.warning, "the change log cannot be read: \(error)")
            return nil
        }
    }

    /// Leaves out what is too old or too much for a receiver that is away, now and then.
    private mutating func condense(
        at now: Instant,
        _ source: some WebhookSource
    ) throws(StoreError) {
        guard now.uptime >= nextCondensing, position.taken < source.last else { return }
        nextCondensing = now.uptime + max(1_000, min(60_000, webhook.keep * 1_000 / 60))
        let skipped = position.skipped
        let time = now.unix / 1_000 - webhook.keep
        position = try source.condense(
            position,
            Backlog(of: webhook.kinds, time: time, most: webhook.rows)
        )
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
        // What was skipped is said where it is missing.
        let skipped = end > position.held ? position.skipped : 0
        guard
            let batch = WebhookBatch(changes, through: end, skipped: skipped)
        else {
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
        phase = .trying(batch)
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
        guard case .trying(let batch) = phase else { return }
        switch outcome {
        case .answered(200..<300, _, _): succeed(batch, at: now)
        case .answered(410, _, _):
            phase = .ended
            say(.error, "it answers 410, so nothing is sent to it until the next start")
        case .answered(let status, let pause, let location):
            let pointer = location.map { ", and points to \($0), which is not followed" } ?? ""
            fail(batch, "it answers \(status)\(pointer)", pause, at: now)
        case .failed(let reason): fail(batch, reason, nil, at: now)
        }
    }

    private mutating func succeed(_ batch: WebhookBatch, at now: Instant) {
        position.take(through: batch.through, saidToBeSkipped: batch.skipped)
        counts.taken += Int64(batch.count)
        counts.oldest = nil
        phase = .idle
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
        // The pause is as long as can be after nine.
        let doubled = Self.pauses.lowerBound << Int64(min(failures, 9))
        let pause = min(doubled, Self.pauses.upperBound)
        let spread = Int64.random(in: pause * 3 / 4...pause, using: &random)
        phase = .pausing(batch, until: now.uptime + max(wanted ?? 0, spread))
        // One line at the first failure, and one each time the number of them has doubled.
        if failures & (failures + 1) == 0 {
            say(.warning, "\(reason); it is tried again, and changes wait")
        }
        failures += 1
        failing = failing ?? now.uptime
    }

    private mutating func say(_ level: Logger.Level, _ text: String) {
        remarks.append(Remark(level: level, text: "webhook \(webhook.address.shown): \(text)"))
    }
}
