import Mosquitto
import Presence

/// What a user may do, where a name and a password were given.
extension Check {
    static let users: [Check] = [
        Check("user-login", needs: .connection) { examination in
            guard let user = examination.options.user else {
                return .untold(
                    "the rights of users are not tried: give --user NAME --user-password-file FILE "
                        + "of one that is nobody's, and --other NAME of another"
                )
            }
            switch examination.userCall {
            case .stands?: return .sound("the broker lets '\(user)' in")
            case .failed(let failure)?:
                return .wrong(
                    "no connection in the name of '\(user)': \(failure.words)",
                    examination.shell("mosquitto_passwd -b PASSWORD_FILE \(user) PASSWORD")
                )
            case nil: return nil
            }
        },
        must("user-device", "state that its device is online", "write", "device/%u/+") {
            $0.written.contains(.device)
        },
        must("user-request", "ask the bridge", "write", "request/%u/+/+") {
            $0.written.contains(.request)
        },
        must("user-response", "read what it is answered", "read", "response/%u/#") {
            $0.read.contains(.response)
        },
        must("user-event", "read its events", "read", "event/%u") { $0.read.contains(.event) },
        Check("user-bridge", needs: .userConnection) { examination in
            guard !examination.bridges.isEmpty else {
                return .untold("not told: no bridge has said anything of itself yet")
            }
            return examination.userRights.states > 0
                ? .sound("\(examination.userName) may read the state of the bridge")
                : .wrong(
                    "\(examination.userName) may not read the state of the bridge",
                    examination.patterns("pattern read \(examination.topics.everyBridge)")
                )
        },
        Check("user-will", needs: .userConnection) { $0.tryUserWill() },
        mustNot("user-device-other", "state that another user's device is online", "device/%u/+") {
            $0.written.contains(.otherDevice)
        },
        mustNot("user-request-other", "ask in another user's name", "request/%u/+/+") {
            $0.written.contains(.otherRequest)
        },
        mustNot("user-write-bridge", "write what is the bridge's alone to write", "device/%u/+") {
            !$0.written.isDisjoint(with: [.otherResponse, .otherEvent, .status, .bridge])
        },
        mustNot("user-read-other", "read what others state, ask and are told", nil) {
            !$0.read.isDisjoint(with: [.otherDevice, .otherRequest, .otherResponse, .otherEvent])
        },
        Check("user-status-other", needs: .userConnection) { examination in
            let who = examination.userName
            guard examination.userRights.read.contains(.status) else {
                return .sound("\(who) reads nobody's status without a subscription")
            }
            return .untold(
                "\(who) may read everybody's status, as 'pattern read "
                    + "\(examination.topics.everyStatus)' gives it: if that is not meant, take the "
                    + "line out of the broker's ACL"
            )
        },
    ]

    /// A right that every user needs.
    private static func must(
        _ name: String,
        _ act: String,
        _ access: String,
        _ topic: String,
        _ holds: @escaping @Sendable (UserTrials) -> Bool
    ) -> Check {
        Check(name, needs: .userConnection) { examination in
            if let lack = examination.userLack { return .untold(lack) }
            let who = examination.userName
            if holds(examination.userRights) { return .sound("\(who) may \(act)") }
            return .wrong(
                "\(who) may not \(act)",
                examination.patterns("pattern \(access) \(examination.topics.prefix)/\(topic)")
            )
        }
    }

    /// A right that no user may have.
    private static func mustNot(
        _ name: String,
        _ act: String,
        _ topic: String?,
        _ holds: @escaping @Sendable (UserTrials) -> Bool
    ) -> Check {
        Check(name, needs: .userConnection) { examination in
            if let lack = examination.userLack { return .untold(lack) }
            let who = examination.userName
            guard holds(examination.userRights) else { return .sound("\(who) may not \(act)") }
            let prefix = examination.topics.prefix
            let line = topic.map { "in the place of a wider line: pattern write \(prefix)/\($0)" }
            return .wrong(
                "\(who) may \(act)",
                examination.patterns(
                    line ?? "no line wider than those of examples/acl below \(prefix)/"
                )
            )
        }
    }
}

extension Examination {
    fileprivate var userName: String { "'\(options.user ?? "")'" }

    /// Why nothing can be told of a user's rights; `nil` where it can.
    fileprivate var userLack: String? {
        let needed: [Right] = [.device, .request, .status]
        guard let right = needed.first(where: { rights[$0] != .holds }) else { return nil }
        return "not told, since the bridge itself sees nothing: see right-\(right)"
    }

    /// A connection in the user's name that breaks.
    fileprivate func tryUserWill() -> Check.Outcome {
        if let userLack { return .untold(userLack) }
        guard let user = options.user else { return .untold("not tried") }
        let topic = "\(topics.prefix)/device/\(user)/$doctor-\(nonce)-will"
        let call = self.call(as: user, options.password) { options in
            options.will = Message(topic: topic, payload: ProbeConnection.payload, qos: 1)
        }
        guard case .stands(let dying) = call else {
            return .wrong(
                "the broker does not let '\(user)' in with a will on its device topic",
                patterns("pattern write \(topics.prefix)/device/%u/+")
            )
        }
        if publishesWill(topic, of: dying) {
            return .sound("the will of '\(user)' is published when its connection breaks")
        }
        return .wrong(
            "the will of '\(user)' is not published when its connection breaks",
            patterns("pattern write \(topics.prefix)/device/%u/+")
        )
    }
}
