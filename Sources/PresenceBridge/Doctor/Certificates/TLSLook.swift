import Mosquitto

/// What a port speaks, and which certificate it shows, to a call that trusts everybody and says
/// neither name nor password.
///
/// It is only made where the bridge's own call does not show it.
struct TLSLook {
    /// What the port speaks.
    enum Speech {
        case tls
        /// MQTT that is not encrypted.
        case plain
        case neither
    }

    let speech: Speech
    /// The broker's certificate, if it has shown one that can be read.
    let certificate: Certificate?
    /// Whether an authority that is trusted has signed it, whatever name it is for; `nil` where
    /// that was not tried.
    let isTrusted: Bool?

    init(_ examination: Examination) {
        let isOn = examination.broker.tls.isOn
        if case .stands(let connection) = examination.call {
            speech = isOn ? .tls : .plain
            certificate = connection.certificate.flatMap(Certificate.init)
            isTrusted = isOn ? true : nil
            return
        }
        if case .failed(let failure) = examination.call, case .refused = failure.cause {
            speech = isOn ? .tls : .plain
            certificate = failure.certificate.flatMap(Certificate.init)
            isTrusted = isOn ? true : nil
            return
        }
        guard examination.isHungUpOn else {
            (speech, certificate, isTrusted) = (.neither, nil, nil)
            return
        }
        let (answers, bytes) = Self.look(examination) { options in
            var tls = options.tls ?? TLSOptions()
            tls.keepsCertificate = true
            tls.acceptsAnyCertificate = true
            options.tls = tls
        }
        certificate = bytes.flatMap(Certificate.init)
        guard !answers else {
            speech = .tls
            isTrusted =
                isOn ? Self.look(examination) { $0.tls?.acceptsAnyHostName = true }.answers : nil
            return
        }
        isTrusted = nil
        speech = isOn && Self.look(examination) { $0.tls = nil }.answers ? .plain : .neither
    }

    /// Whether a broker answers a call, be it that it refuses it.
    private static func look(
        _ examination: Examination,
        _ change: (inout ConnectionOptions) -> Void
    ) -> (answers: Bool, certificate: [UInt8]?) {
        let call = examination.call { options in
            options.username = nil
            options.password = nil
            change(&options)
        }
        switch call {
        case .stands(let connection):
            connection.leave()
            return (true, connection.certificate)
        case .failed(let failure):
            guard case .refused = failure.cause else { return (false, failure.certificate) }
            return (true, failure.certificate)
        }
    }
}
