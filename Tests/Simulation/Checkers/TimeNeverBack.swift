import Presence
import PresenceCore

/// Neither the epoch of the broker nor the time that `sync` tells goes back.
///
/// Permitted is going back to what was stored last, when a bridge dies that has told more while the
/// store refused writes.
package struct TimeNeverBack: Checker {
    package static let rule = "epoch and time never go back"

    private var epoch: Int64 = 0
    private var time: Int64 = 0
    private var doubt = StoreDoubt()
    private var sound: (epoch: Int64, time: Int64) = (0, 0)

    package init(_ limits: CheckedLimits) {}

    package mutating func read(_ entry: Entry, _ breaches: inout [String]) {
        switch doubt.read(entry.event) {
        case .none: break
        case .settled: sound = (epoch, time)
        case .lost: (epoch, time) = sound
        }
        switch entry.event {
        case .bridgeServes(let epoch):
            if epoch < self.epoch {
                breaches.append("the bridge serves in epoch \(epoch) after \(self.epoch)")
            }
            self.epoch = epoch
        case .answered(let answer) where answer.operation == "sync" && answer.code == nil:
            guard let time = answer.content.object?["time"]?.integer else { return }
            if time < self.time {
                breaches.append("\(answer.user) is told the time \(time) after \(self.time)")
            }
            self.time = time
        default: break
        }
        if !doubt.isOpen { sound = (epoch, time) }
    }
}
