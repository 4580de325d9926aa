import CMosquittoBroker
import PresencePluginCore

extension Plugin {
    func check(_ event: mosquitto_evt_acl_check) -> Int32 {
        guard let act = unsafe Access.Act(event.access) else { return MosquittoCode.denied }
        let user = unsafe mosquitto_client_username(event.client)
        let topic = unsafe UnsafeBufferPointer(text: event.topic)
        if act == .write { unsafe isWritten(topic.span) }
        guard options.acl else { return MosquittoCode.deferred }
        if act == .subscribe { unsafe notice(event.client, user) }
        switch unsafe access.judge(act, topic.span, by: UnsafeBufferPointer(text: user).span) {
        case .allowed: return MosquittoCode.success
        case .denied:
            return unsafe act == .write && isBroker(event.client)
                ? MosquittoCode.success : MosquittoCode.denied
        case .other:
            return options.other == .allow ? MosquittoCode.success : MosquittoCode.deferred
        }
    }

    /// What is about to be written may be a command that throws clients out, or a will.
    private func isWritten(_ topic: Span<UInt8>) {
        guard options.missingWills == .all, !topic.isEmpty else { return }
        if messages.isCommand(topic) {
            attendance.commanded()
        } else {
            attendance.commandIsOver()
            if attendance.owesWills, let device = messages.device(topic) {
                attendance.written(on: device)
            }
        }
    }

    /// Whoever subscribes is in, also one of whose CONNECT nothing was told.
    private func notice(_ client: OpaquePointer?, _ user: UnsafePointer<CChar>?) {
        guard let client = unsafe client, let user = unsafe user,
            let id = unsafe mosquitto_client_id(client)
        else { return }
        unsafe attendance.acted(
            UInt(bitPattern: client),
            username: String(cString: user),
            clientID: String(cString: id),
            at: Self.now
        )
    }

    /// Whether the broker itself once wrote a retained message, the plugin's statements above all:
    /// read back from its file, such a message has a writer without a name and with an empty client
    /// id, which no connection has.
    private func isBroker(_ client: OpaquePointer?) -> Bool {
        guard unsafe mosquitto_client_username(client) == nil else { return false }
        return unsafe mosquitto_client_id(client).map { unsafe $0.pointee == 0 } ?? true
    }
}

extension Access.Act {
    fileprivate init?(_ access: Int32) {
        switch access {
        case MOSQ_ACL_READ: self = .read
        case MOSQ_ACL_WRITE: self = .write
        case MOSQ_ACL_SUBSCRIBE: self = .subscribe
        case MOSQ_ACL_UNSUBSCRIBE: self = .unsubscribe
        default: return nil
        }
    }
}
