import BrokerFixture
import Foundation
import Presence

/// Watchers who subscribe to page after page of users.
final class Subscribers {
    /// What a round has stored, and how fast.
    struct Done {
        /// The rows, in the order in which they were asked for.
        var rows: [SubscriptionRecord]
        /// How long it took.
        var seconds: Double
        /// How many rows the bridge has stored in one transaction, on the average.
        var rowsPerCommit: Int

        /// Rows a second.
        var rate: Double { Double(rows.count) / seconds }
    }

    private let swarm: Swarm
    private let gateway: Int
    private let watchers: Int
    private let users: Int
    private let page: Int
    private let testbed: Testbed
    private var pages = 0
    private var expiry = 600_000

    /// Connects a client that asks for all of them, since it is the bridge that is measured.
    init(_ watchers: Int, of users: Int, page: Int, on testbed: Testbed) throws {
        self.watchers = watchers
        self.users = users
        self.page = page
        self.testbed = testbed
        swarm = testbed.swarm()
        gateway = try swarm.connect(["bench"]).lowerBound
        swarm.subscribe(gateway, to: ["presence/response/+/phone"], qos: 1)
        try swarm.run(until: { swarm.isQuiet })
    }

    /// Lets each of them subscribe to the next page, or renew the last one.
    func subscribe(depth: Int, renews: Bool = false) throws -> Done {
        if !renews { pages += 1 }
        expiry += 1
        let expires = Int64(Date().timeIntervalSince1970) + Int64(expiry)
        var done = Done(rows: [], seconds: 0, rowsPerCommit: 0)
        done.rows.reserveCapacity(watchers * page)
        let requests = (0..<watchers).shuffled().map { watcher in
            let names = watched(by: watcher).map { user in
                done.rows.append(
                    SubscriptionRecord(
                        watcher: UserID(users + 1 + watcher),
                        user: user,
                        expires: expires
                    )
                )
                return "\"\(StoreSample.name(user))\""
            }
            let text =
                #"{"id":1,"usernames":[\#(names.joined(separator: ","))],"expiry":\#(expiry)}"#
            return ("presence/request/watcher\(watcher)/phone/subscribe", Array(text.utf8))
        }
        let before = try testbed.commits()
        let rate = try RequestLoad(clients: [gateway], depth: depth).rate(
            each: requests.count,
            over: swarm,
            qos: 1
        ) { _, number in requests[number] }
        done.seconds = Double(requests.count) / rate
        done.rowsPerCommit = done.rows.count / max(1, try testbed.commits() - before)
        return done
    }

    /// A page of users in no order: no two pages of a watcher have anyone in common.
    private func watched(by watcher: Int) -> [UserID] {
        let stride = users / page
        let shift = (watcher &* 7_919 &+ pages &* 31) % stride
        return (0..<page).map { UserID(1 + $0 * stride + shift) }.shuffled()
    }

    /// How many transactions the store has seen: a number in the index of its log
}
