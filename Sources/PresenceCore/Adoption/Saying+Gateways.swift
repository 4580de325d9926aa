import Presence
import PresenceAdoption

extension Saying {
    /// What it says of a gateway; `nil` if nothing.
    var ofGateway: AdoptedThings.Word? {
        switch self {
        case .online, .present, .connected: .comes
        case .born(let session): .begins(session: session)
        case .ended: .goes(.logout)
        case .disconnected(_, let inOrder): .goes(inOrder ? .logout : .lost)
        case .lost, .removed: .goes(.lost)
        case .died(let session): .ends(session: session)
        case .alive, .sleeps, .hangs, .nothing, .unknown: nil
        }
    }

    /// Whether something that nobody has heard of before is a thing with that.
    func makesThing(at now: Instant) -> Bool {
        switch self {
        case .online, .born, .present, .hangs, .connected: true
        case .sleeps(let wakes): wakes > now.second
        case .lost, .ended, .removed, .died, .disconnected, .alive, .nothing, .unknown: false
        }
    }
}
