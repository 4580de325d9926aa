import CMosquitto

extension ConnectionOptions {
    /// Says which option is out of its range, in words that name the right one.
    package func check() throws(MosquittoError) {
        if keepAlive != 0, keepAlive < 5 {
            throw .invalidOption("the keep-alive is 0 or 5 to 65,535 seconds; this is \(keepAlive)")
        }
        if host.isEmpty {
            throw .invalidOption("the host is empty")
        }
        if host.hasPrefix("/") != (port == 0) {
            throw .invalidOption(
                "port 0 goes with the path of a Unix socket, any other with a host; "
                    + "this is port \(port) with \(host)"
            )
        }
        if port == 0, host.utf8.count > 107 {
            throw .invalidOption("the path of a Unix socket has 107 bytes at most: \(host)")
        }
        let texts = [
            ("client identifier", clientID), ("host", host), ("username", username ?? ""),
            ("password", password ?? ""), ("topic of the will", will?.topic ?? ""),
        ]
        for (name, text) in texts where text.utf8.contains(0) {
            throw .invalidOption("the \(name) contains the character U+0000")
        }
        if let tls, (tls.certificateFile == nil) != (tls.keyFile == nil) {
            throw .invalidOption("a client's certificate and its key are given both or neither")
        }
    }
}

extension Connection {
    func apply(_ options: ConnectionOptions) throws(MosquittoError) {
        let version = options.protocolVersion == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        unsafe mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, Int32(version))
        unsafe mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, Int32(options.sendMaximum))
        unsafe mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(options.receiveMaximum))
        unsafe mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        if let username = options.username {
            let code = unsafe mosquitto_username_pw_set(handle, username, options.password)
            guard code == 0 else {
                throw .invalidOption("the username or the password is not possible")
            }
        }
        if options.protocolVersion == .v5, options.sessionExpiry > 0 {
            apply(sessionExpiry: options.sessionExpiry)
        }
        if let will = options.will {
            try apply(will, delay: options.willDelay)
        }
        if let tls = options.tls {
            try apply(tls)
        }
    }

    /// Has the library send the Session Expiry Interval with its CONNECT.
    ///
    /// The library takes properties of the CONNECT by a call alone that waits until the connection is
    /// made. That call keeps them before it finds that there is no host, and the call that does not wait
    /// sends what was kept.
    private func apply(sessionExpiry: UInt32) {
        var properties = PropertyList()
        properties.add(MQTT_PROP_SESSION_EXPIRY_INTERVAL, sessionExpiry)
        _ = unsafe properties.withPointer { list in
            unsafe mosquitto_connect_bind_v5(handle, nil, 0, 0, nil, list)
        }
    }

    private func apply(_ will: Message, delay: UInt32) throws(MosquittoError) {
        var properties = PropertyList()
        if options.protocolVersion == .v5 {
            properties = try PropertyList(will.properties)
            if delay > 0 {
                properties.add(MQTT_PROP_WILL_DELAY_INTERVAL, delay)
            }
        }
        let code = unsafe properties.give { list in
            unsafe will.payload.withUnsafeBytes { bytes in
                unsafe mosquitto_will_set_v5(
                    handle,
                    will.topic,
                    Int32(clamping: will.payload.count),
                    bytes.baseAddress,
                    Int32(will.qos),
                    will.retain,
                    list
                )
            }
        }
        switch code {
        case 0: return
        case Int32(MOSQ_ERR_PAYLOAD_SIZE.rawValue):
            throw .messageTooLarge(bytes: will.payload.count)
        default:
            throw .invalidTopic(
                will.topic,
                why: "a will cannot be published there, or not with QoS \(will.qos)"
            )
        }
    }

    private func apply(_ tls: TLSOptions) throws(MosquittoError) {
        unsafe Callbacks.listenForComplaints(on: handle)
        if tls.certificateAuthorityFile == nil {
            unsafe mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1)
        }
        // The library insists on an authority of its own even when the system's are wanted.
        let code = unsafe mosquitto_tls_set(
            handle,
            tls.certificateAuthorityFile,
            tls.certificateAuthorityFile == nil ? "/etc/ssl/certs" : nil,
            tls.certificateFile,
            tls.keyFile,
            nil
        )
        guard code == 0 else {
            let files = [tls.certificateAuthorityFile, tls.certificateFile, tls.keyFile]
            let names = files.compactMap(\.self).joined(separator: ", ")
            throw .tls("one of these files cannot be read: \(names)")
        }
        if tls.acceptsAnyHostName || tls.acceptsAnyCertificate {
            unsafe mosquitto_tls_insecure_set(handle, true)
        }
        if tls.acceptsAnyCertificate {
            // 0 is OpenSSL's SSL_VERIFY_NONE.
            unsafe mosquitto_tls_opts_set(handle, 0, nil, nil)
        }
    }
}
