package struct Watch {
    package var breaches: [String] = []
    package init(_ l: CheckedLimits) {}
    package mutating func read(_ e: Entry) { 
      if case .unanswered = e.event { breaches.append("unanswered") }
      if case .rest(let rest) = e.event {
        for (user, devices) in rest.truth {
          var seen = rest.statuses[user]?.devices ?? [:]
          var d = devices
          for u in rest.unsure { let p = u.split(separator: "/"); if p[0] == user { seen[String(p[1])] = nil; d[String(p[1])] = nil } }
          if seen != d { breaches.append("\(user) is \(d) and seen \(seen)") }
        }
      }
    }
}
package struct Reach: Sendable {
    package init() {}
    package mutating func read(_ e: Entry) {}
    package mutating func add(_ r: Reach) {}
    package var table: String { "" }
}
