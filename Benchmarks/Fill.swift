import ArgumentParser
import Chance
import CoreLoad
import Presence
import PresenceCore

extension PresenceBench {
    /// Fills a core as at a start of the bridge, in a process of its own, and says what it holds.
    struct Fill: ParsableCommand {
        static let configuration = CommandConfiguration(shouldDisplay: false)

        @Option var users: Int
        @Option var online: Int
        @Option var subscriptions: Int

        /// Prints the resident bytes before, with the users, and with the subscriptions.
        func run() throws {
            var core = PresenceCore(limits: Limits())
            var random = SeededNumbers(seed: 1)
            let now = 1_750_000_000 as Int64
            let life = 604_800 as Int64
            var sizes = [ProcessUsage().resident]
            for id in 1...users {
                let isOnline = id <= online
                core.restore(
                    .putUser(
                        UserRecord(
                            id: UserID(id),
                            name: Name(checked: "user-\(1_000_000 + id)"),
                            cause: isOnline ? nil : .logout,
                            since: now - 1_000,
                            updated: now - 1_000,
                            seq: (now - 1_000) * 1_000
                        )
                    )
                )
            }
            for id in 1...online {
                core.restore(
                    .putDevice(
                        DeviceRecord(
                            user: UserID(id),
                            name: Name(checked: "phone"),
                            status: .online,
                            ttl: 120,
                            session: String(id, radix: 36),
                            epoch: 1,
                            heard: now - 100
                        )
                    )
                )
            }
            // What finds the names is made now, and belongs to the users.
            core.endRestoring()
            sizes.append(ProcessUsage().resident)
            for watcher in 1...users {
                let count = watcher * subscriptions / users - (watcher - 1) * subscriptions / users
                var watched: Set<UserID> = []
                while watched.count < count {
                    watched.insert(UserID.random(in: 1...UserID(users), using: &random))
                }
                // Of one watcher at a time, sorted, as a store replays them.
                let own = watched.sorted().map { user in
                    WatchedUser(
                        user: user,
                        expires: now + Int64.random(in: 1...life, using: &random)
                    )
                }
                core.restore(own, of: UserID(watcher))
            }
            core.endRestoring()
            sizes.append(ProcessUsage().resident)
            guard core.metrics.subscriptions == subscriptions else {
                throw LoadError("\(core.metrics.subscriptions) subscriptions are held")
            }
            print(sizes.map(String.init).joined(separator: " "))
        }
    }
}
