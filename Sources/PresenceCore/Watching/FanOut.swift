import Presence

/// A change on its way to a user's watchers, in slices, so that a star with a million watchers
/// stalls nobody else.
///
/// The walk is a circle: first those who watch everyone, then those who watch the user. A change
/// on the way goes on from where the walk is, with the newest status, and ends there.
struct FanOut: Hashable, Sendable {
    /// A place in the walk.
    struct Place: Hashable, Comparable, Sendable {
        /// Whether those who watch everyone are done.
        var isNamed = false
        /// The watcher to go on from.
        var watcher: UserID = 0

        static func < (left: Place, right: Place) -> Bool {
            (left.isNamed ? 1 : 0, left.watcher) < (right.isNamed ? 1 : 0, right.watcher)
        }
    }

    let user: UserID
    /// Where to go on.
    private(set) var place = Place()
    /// Where to end after the walk has begun anew; the end of the circle if absent.
    private(set) var end: Place?

    /// Whether the walk is to come to the end of the circle before it goes to where it is to end.
    private var needsCircle = false

    init(of user: UserID) { self.user = user }

    mutating func changeAgain() {
        needsCircle = place != Place()
        end = needsCircle ? place : nil
    }

    /// Whether a watcher was not among those who watch everyone when they were visited, and is
    /// still to be visited among those who watch the user.
    func leavesOut(_ watcher: UserID) -> Bool {
        Place(isNamed: false, watcher: watcher) < place
            && place <= Place(isNamed: true, watcher: watcher)
    }

    /// Visits at most so many watchers; returns how many were visited and whether all are done.
    mutating func walk(
        _ subscriptions: Subscriptions,
        limit: Int,
        _ visit: (UserID) -> Void
    ) -> (visited: Int, isDone: Bool) {
        let watchAll = subscriptions.watchers(of: .everyone)
        var visited = 0
        while true {
            let stop = needsCircle ? nil : end
            let watchers = place.isNamed ? subscriptions.watchers(of: user) : watchAll
            var reachedStop = false
            var ranOut = true
            watchers.walk(from: place.watcher) { watcher in
                place.watcher = watcher
                if let stop, place >= stop {
                    reachedStop = true
                    return false
                }
                if visited == limit {
                    ranOut = false
                    return false
                }
                if !place.isNamed || watchAll.isEmpty || !watchAll.contains(watcher) {
                    visit(watcher)
                }
                visited += 1
                place.watcher = watcher + 1
                return true
            }
            if reachedStop { return (visited, true) }
            if !ranOut { return (visited, false) }
            if !place.isNamed {
                place = Place(isNamed: true, watcher: 0)
                if let stop, place > stop { return (visited, true) }
            } else if needsCircle {
                needsCircle = false
                place = Place()
            } else {
                return (visited, true)
            }
        }
    }
}
