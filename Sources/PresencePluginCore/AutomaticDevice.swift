import Presence

/// A device that the plugin speaks for.
struct SpokenDevice: Sendable {
    /// The connections that have been there long enough, and those that have not.
    var present = 0
    var settling = 0
    /// The session of its last statement while that says that it is online.
    var session: String?
    /// What is said when the last of the connections is over.
    var lastWord = StatusWord.lost
    /// Whether it has to be stated again.
    var isAsked = false
    /// Whether its last client turned out to go by another name.
    var wasWrong = false
    /// Whether it waits for a tick.
    var isDue = false

    var isIdle: Bool { present == 0 && settling == 0 && session == nil && !isDue }

    /// Says what is to be retained on its topic now, `nil` if nothing is; no bytes clear it.
    mutating func say(newSession: () -> String) -> [UInt8]? {
        defer {
            (isDue, isAsked) = (false, false)
            wasWrong = wasWrong && session != nil && present == 0
        }
        if present > 0 {
            guard session == nil || isAsked else { return nil }
            let session = session ?? newSession()
            self.session = session
            return Statement(.online, session: session).payload
        }
        guard settling == 0, let session else { return nil }
        self.session = nil
        // The device was another one than the client now says: that it is lost would be wrong.
        return wasWrong ? [] : Statement(lastWord, session: session).payload
    }
}
