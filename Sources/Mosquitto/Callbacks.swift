import CMosquitto
import Glibc

/// The functions that the library calls while it reads and writes.
///
/// They only note what happened: whatever they would call of the library would be called from
/// within it.
enum Callbacks {
    static func install(on handle: OpaquePointer) {
        unsafe mosquitto_connect_v5_callback_set(handle) { _, data, code, flags, properties in
            unsafe connection(data)?.answered(code: code, flags: flags, properties)
        }
        unsafe mosquitto_disconnect_v5_callback_set(handle) { _, data, code, _ in
            let cause = errno
            unsafe connection(data)?.ended(code: code, cause: cause)
        }
        unsafe mosquitto_message_v5_callback_set(handle) { _, data, message, properties in
            guard let message = unsafe message else { return }
            unsafe connection(data)?.events.append(.message(Message(message.pointee, properties)))
        }
        unsafe mosquitto_publish_v5_callback_set(handle) { _, data, identifier, code, _ in
            unsafe connection(data)?.published(identifier, code)
        }
        unsafe mosquitto_subscribe_v5_callback_set(handle) {
            _,
            data,
            identifier,
            count,
            granted,
            _ in
            let codes = unsafe UnsafeBufferPointer(start: granted, count: Int(count)).map { code in
                ReasonCode(rawValue: UInt8(truncatingIfNeeded: code))
            }
            unsafe connection(data)?.events.append(
                .subscribed(packetID: identifier, granted: codes)
            )
        }
        unsafe mosquitto_unsubscribe_v5_callback_set(handle) { _, data, identifier, _ in
            unsafe connection(data)?.events.append(.unsubscribed(packetID: identifier))
        }
    }

    /// Listens to what the library says about certificates.
    ///
    /// Not for longer than needed: with a listener it formats a line for every packet.
    static func listenForComplaints(on handle: OpaquePointer) {
        unsafe mosquitto_log_callback_set(handle) { _, data, level, text in
            guard level == MOSQ_LOG_ERR, let text = unsafe text else { return }
            unsafe connection(data)?.complained(String(cString: text))
        }
    }
}

/// The object behind the library's user data.
private func connection(_ data: UnsafeMutableRawPointer?) -> Connection? {
    unsafe data.map { unsafe Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
}

extension Connection {
    /// A CONNACK came.
    ///
    /// The library closes a refused connection by itself and reports that, too.
    fileprivate func answered(code: Int32, flags: Int32, _ properties: OpaquePointer?) {
        guard state == .connecting else { return }
        if options.tls != nil {
            unsafe mosquitto_log_callback_set(handle, nil)
            tlsComplaints = []
        }
        // A refused connection is closed as soon as this returns.
        if options.tls?.keepsCertificate == true {
            certificate = unsafe PeerCertificate.bytes(of: handle)
        }
        guard code == 0 else {
            state = .finished
            return events.append(.refused(ConnectionRefusal(code: code)))
        }
        state = .connected
        // The library has put the broker's Receive Maximum in the place of ours, larger or not. This
        // makes the window shrink to ours with the acknowledgements.
        let acknowledgement = unsafe Acknowledgement(flags: flags, reading: properties)
        let window = min(options.sendMaximum, acknowledgement.receiveMaximum ?? .max)
        unsafe mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, Int32(window))
        events.append(.connected(acknowledgement))
    }

    /// The socket was closed.
    ///
    /// Codes from 0x80 on are the broker's, in its DISCONNECT; 0 is ours if we asked for it, and
    /// the library's own codes lie in between.
    ///
    /// A failing handshake is not reported by a callback, everything else is: so this is called
    /// with what the library returns as well, and what is said second counts for nothing.
    func ended(code: Int32, cause: Int32) {
        guard state != .finished, failure == nil else { return }
        switch code {
        case 0: finish(hasDisconnected ? .byUs : .byServer(.success))
        case 0x80...0xFF: finish(.byServer(ReasonCode(rawValue: UInt8(code))))
        case Int32(MOSQ_ERR_KEEPALIVE.rawValue): finish(.keepAliveTimeout)
        case Int32(MOSQ_ERR_TLS.rawValue): finish(.tls(complaints))
        case Int32(MOSQ_ERR_ERRNO.rawValue) where options.tls != nil && cause == EPROTO:
            finish(.tls(complaints))
        case Int32(MOSQ_ERR_ERRNO.rawValue), Int32(MOSQ_ERR_CONN_LOST.rawValue):
            broke(cause: cause)
        case Int32(MOSQ_ERR_NOMEM.rawValue), Int32(MOSQ_ERR_NO_CONN.rawValue):
            finish(.lost(words(code)))
        default: finish(.protocolViolation(words(code)))
        }
    }

    /// The socket failed: before it was ever connected another address may do.
    func broke(cause: Int32) {
        let words =
            switch cause {
            case 0, EAGAIN: "the broker closed it"
            default: unsafe String(cString: strerror(cause))
            }
        let unreachable = [
            ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ETIMEDOUT, EADDRNOTAVAIL,
        ]
        if state == .connecting, unreachable.contains(cause) {
            failure = .unreachable(place(options.host, words))
        } else {
            finish(.lost(words))
        }
    }

    fileprivate func published(_ identifier: Int32, _ code: Int32) {
        if isReading {
            identifiers.end(identifier)
        }
        let reason = ReasonCode(rawValue: UInt8(truncatingIfNeeded: code))
        events.append(.published(packetID: identifier, reason: reason))
    }

    /// Keeps the last part of what OpenSSL says, `error:0A000086:SSL routines::certificate verify
    /// failed`, and what the library says in its own words.
    func complained(_ text: String) {
        let words =
            text.hasPrefix("OpenSSL") ? text.split(separator: ":").last.map(String.init) : text
        if let words, !tlsComplaints.contains(words) {
            tlsComplaints.append(words)
        }
    }

    var complaints: String {
        tlsComplaints.isEmpty ? "the handshake failed" : tlsComplaints.joined(separator: "; ")
    }

    private func words(_ code: Int32) -> String {
        unsafe String(cString: mosquitto_strerror(code)).trimmingFullStop
    }
}

extension Message {
    /// Copies what lives only as long as the callback.
    fileprivate init(_ message: mosquitto_message, _ properties: OpaquePointer?) {
        unsafe self.init(
            topic: message.topic.map { unsafe String(cString: $0) } ?? "",
            payload: unsafe Array(
                UnsafeRawBufferPointer(
                    start: message.payload,
                    count: message.payload == nil ? 0 : Int(message.payloadlen)
                )
            ),
            qos: unsafe UInt8(truncatingIfNeeded: message.qos),
            retain: unsafe message.retain,
            properties: unsafe properties == nil
                ? MessageProperties() : MessageProperties(reading: properties)
        )
    }
}
