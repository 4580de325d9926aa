import Presence

extension Statement {
    /// Becomes what a device says; one that names no session is of the session that was named before.
    mutating func take(_ said: Statement) {
        status = said.status
        ttl = said.ttl
        if let named = said.session { session = named }
        cause = nil
        by = nil
    }
}
