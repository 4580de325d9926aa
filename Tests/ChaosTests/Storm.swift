import Chance
import Crowd
import Mosquitto

/// A crowd of visitors who log in all at once, and mostly leave again.
struct Storm {
    /// How many are still to come.
    private(set) var waiting = 0
    /// How many have come in all storms.
    private(set) var logins = 0
    private var lastVisitor = 0
    /// How many of them have come to stay.
    private var stayers = 0

    /// How many devices one user has in a storm.
    private static let devicesPerUser = 25
    /// How many come within one wake.
    private static let step = 25

    /// Lets so many come.
    mutating func begin(_ count: Int) {
        waiting += count
        stayers = 0
    }

    /// Lets nobody else come, as at the end of a run.
    mutating func end() { waiting = 0 }

    /// Whether everybody has come, and stays or is gone.
    var isOver: Bool { waiting == 0 }

    /// Lets the next ones come, as long as there is room.
    mutating func proceed(_ walk: RandomWalk, at now: ContinuousClock.Instant) {
        walk.visitors.removeAll { visitor in
            guard !visitor.isPresent, visitor.isSettled else { return false }
            walk.members.remove(visitor)
            return true
        }
        for _ in 0..<min(waiting, Self.step) where walk.visitors.count < walk.setting.mostVisitors {
            waiting -= 1
            logins += 1
            admit(walk)
        }
    }

    private mutating func admit(_ walk: RandomWalk) {
        lastVisitor += 1
        let user = lastVisitor / Self.devicesPerUser % walk.setting.visitingUsers
        var options = DeviceOptions(
            user: RunOptions.visitor(user),
            device: "v\(lastVisitor)",
            port: walk.port
        )
        options.padding = 100
        options.longestPause = .milliseconds(500)
        options.keepAlive = 20
        let device = Device(
            options,
            in: walk.members,
            ledger: walk.ledger,
            random: walk.random.split(UInt64(lastVisitor))
        )
        walk.visitors.append(device)
        walk.members.add(device)
        let stays = walk.random.chance(0.04) && stayers < walk.setting.mostVisitors / 3
        if stays { stayers += 1 }
        let way = Device.Departure.allCases.randomElement(using: &walk.random) ?? .drop
        device.onArrival = { [weak device] in
            if !stays { device?.leave(way) }
        }
        device.arrive("online")
    }
}

extension RandomWalk {
    /// Begins a storm; who stayed after the one before goes now.
    func beginStorm() {
        for visitor in visitors { visitor.leave(.drop) }
        storm.begin(setting.stormSize)
    }

    /// The port that goes straight to the broker.
    var port: UInt16 { setting.port }

    /// Sends much that a bridge must read and nobody needs: once it does not read, the broker has
    /// to queue, and then to drop.
    func pour() {
        guard let device = everybody.first(where: \.isArrived) else { return }
        let load = String(repeating: " ", count: 60_000)
        for _ in 0..<200 {
            device.publish(
                Message(
                    topic: "presence/request/\(device.options.user)/\(device.options.device)/none",
                    payload: load
                )
            )
        }
    }
}
