import ArgumentParser
import CoreLoad
import Presence
import PresenceAdoption
import PresenceCore

extension PresenceBench {
    /// Fills a core with the births of things, in a process of its own, and says what it holds.
    struct FillThings: ParsableCommand {
        static let configuration = CommandConfiguration(shouldDisplay: false)

        /// How many things there are.
        @Option var count: Int
        /// Whether they are adopted, behind a hundred gateways, and not devices of the protocol.
        @Flag var adopting = false

        /// Prints the resident bytes before and with the things, and how many microseconds it takes to tell that
        /// a gateway has gone; 0 where there is none.
        func run() throws {
            let line = "topic=hall/{gate}/lamp/{name} source=hall/{gate}/alive user=lamp-{name}"
            let plan =
                adopting
                ? try AdoptionPlan([AdoptionLine(line)], topicPrefix: "presence") : AdoptionPlan()
            var core = PresenceCore(limits: Limits(), adoption: plan)
            var now = Instant(uptime: 1_000_000, unix: 1_750_000_000_000)
            turn(&core, [.brokerFound], at: now)
            turn(&core, [.readingEnded(1)], at: now)
            let before = ProcessUsage().resident
            if adopting {
                turn(&core, (0..<100).map { says("hall/\($0)/alive", "online") }, at: now)
            }
            for first in stride(from: 0, to: count, by: 1_000) {
                let inputs = (first..<min(first + 1_000, count)).map(birth)
                turn(&core, inputs, at: now)
                now.uptime += 10
                now.unix += 10
            }
            let full = ProcessUsage().resident
            guard core.metrics.devicesOnline == count else {
                throw LoadError("\(core.metrics.devicesOnline) things are online")
            }
            print(before, full, adopting ? try death(&core, &now) : 0)
        }

        private func birth(_ number: Int) -> Input {
            let name = String(1_000_000 + number)
            guard adopting else {
                return .deviceReported(
                    Report(
                        user: Name(checked: "lamp-\(name)"),
                        device: Name(checked: "thing"),
                        payload: Array("online".utf8)
                    )
                )
            }
            return says("hall/\(number % 100)/lamp/\(name)", "online")
        }

        private func says(_ topic: String, _ word: String) -> Input {
            let message = AdoptedMessage(topic: topic, payload: Array(word.utf8), isFound: false)
            return .adoptedHeard(message)
        }

        /// A gateway goes, and its grace ends: all behind it is told in one turn.
        private func death(_ core: inout PresenceCore, _ now: inout Instant) throws -> Int {
            turn(&core, [says("hall/7/alive", "offline")], at: now)
            now.uptime += 60_000
            now.unix += 60_000
            let begun = ProcessUsage().seconds
            let told = turn(&core, [], at: now).count { effect in
                if case .retain(.status, _) = effect { true } else { false }
            }
            guard told == count / 100 else { throw LoadError("\(told) things were told in a turn") }
            return Int((ProcessUsage().seconds - begun) * 1_000_000)
        }

        @discardableResult
        private func turn(
            _ core: inout PresenceCore,
            _ inputs: [Input],
            at now: Instant
        ) -> [Effect] {
            var effects: [Effect] = []
            for input in inputs { core.handle(input, at: now, into: &effects) }
            core.handle(.turnEnded, at: now, into: &effects)
            core.handle(.saved, at: now, into: &effects)
            return effects
        }
    }
}
