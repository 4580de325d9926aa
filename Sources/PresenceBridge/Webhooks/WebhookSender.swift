import Curl
import Foundation
import Logging
import PresenceCore
import Synchronization

/// Runs the couriers of all webhooks, on a thread of its own: no turn of the loop waits for a receiver.
final class WebhookSender: Sendable {
    /// For how long requests that are on their way may go on at the end, in milliseconds.
    private static let farewell: Int64 = 2_000
    /// The longest wait, in milliseconds.
    private static let longestWait: Int64 = 60_000

    private struct State {
        /// Whether a new change is to end the waiting.
        var wantsNews = false
        var isStopping = false
    }

    private let webhooks: [Webhook]
    private let feed: ChangeFeed
    private let ledger: WebhookLedger
    private let log: Logger
    private let waker: TransferWaker
    private let state = Mutex(State())
    private let end = DispatchSemaphore(value: 0)

    /// Begins to send; `nil` where there are no webhooks.
    ///
    /// - Throws: when the process has no descriptors left.
    init?(
        _ settings: Settings,
        _ feed: ChangeFeed,
        _ ledger: WebhookLedger,
        log: Logger
    )
        throws(TransferFailure)
    {
        webhooks = Webhook.all(in: settings)
        guard !webhooks.isEmpty else { return nil }
        (self.feed, self.ledger, self.log) = (feed, ledger, log)
        waker = try TransferWaker()
        log.info("changes are sent to \(webhooks.map(\.name).joined(separator: ", "))")
        feed.onGrowth { [weak self] in self?.hear() }
        let thread = Thread { [self] in
            run(Transfers(wokenBy: waker))
            end.signal()
        }
        thread.name = "webhooks"
        thread.start()
    }

    /// Ends in order: what is on its way may arrive, for a moment.
    func stop() {
        state.withLock { $0.isStopping = true }
        waker.wake()
        // A name server that says nothing must not keep the process from its end.
        _ = end.wait(timeout: .now() + .milliseconds(Int(2 * Self.farewell)))
    }

    /// There is a new change.
    private func hear() {
        let wakes = state.withLock { state in
            defer { state.wantsNews = false }
            return state.wantsNews
        }
        if wakes { waker.wake() }
    }

    private func run(_ transfers: Transfers) {
        var couriers = webhooks.compactMap { webhook in
            ledger.position(of: webhook.address.url).map {
                Courier(webhook, from: $0, random: SystemRandomNumberGenerator())
            }
        }
        var running: [Transfers.Number: Int] = [:]
        var leavesBy: Int64?
        while true {
            let now = Instant.now
            if state.withLock({ $0.isStopping }) {
                leavesBy = leavesBy ?? now.uptime + Self.farewell
            }
            if let leavesBy, running.isEmpty || now.uptime >= leavesBy { return }
            for index in couriers.indices where leavesBy == nil {
                if let request = couriers[index].next(at: now, feed) {
                    running[transfers.begin(request)] = index
                }
                note(&couriers[index])
            }
            transfers.wait(milliseconds: pause(couriers, until: leavesBy))
            for (number, outcome) in transfers.takeFinished() {
                guard let index = running.removeValue(forKey: number) else { continue }
                let now = Instant.now
                couriers[index].take(WebhookOutcome(outcome, at: now.unix / 1_000), at: now)
                note(&couriers[index])
            }
        }
    }

    private func note(_ courier: inout Courier) {
        ledger.note(courier.position, courier.counts)
        for remark in courier.takeRemarks() { log.log(level: remark.level, "\(remark.text)") }
    }

    private func pause(_ couriers: [Courier], until leavesBy: Int64?) -> Int {
        // First this, and then the look: no change comes between the two unheard.
        state.withLock { $0.wantsNews = true }
        let next = leavesBy ?? couriers.map { $0.nextStep(feed) }.min() ?? .max
        if !couriers.contains(where: { $0.waitsForNews(feed) }) {
            state.withLock { $0.wantsNews = false }
        }
        return Int(max(0, min(next - Instant.now.uptime, Self.longestWait)))
    }
}
