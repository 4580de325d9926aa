import Presence
import PresenceCore

/// Whether the connection is encrypted as it is meant to be, and what certificates say.
extension Check {
    /// For how many days a certificate must still be good: one that is renewed by itself is by
    /// then.
    private static let notice: Int64 = 14
    private static let day: Int64 = 86_400

    static let tls: [Check] = [
        Check("tls") { examination in
            let broker = examination.broker
            return broker.tls.isOn ? examination.encrypted() : examination.unencrypted()
        },
        Check("certificate-dates") { examination in
            guard let certificate = examination.shownCertificate else {
                return examination.withoutCertificate
            }
            return outcome(
                "the broker's certificate",
                certificate,
                at: examination.second,
                examination.broker("certfile PATH of a new certificate, in the listener with TLS")
            )
        },
        Check("certificate-name") { examination in
            guard let certificate = examination.shownCertificate else {
                return examination.withoutCertificate
            }
            let names =
                certificate.names.isEmpty ? "nobody" : certificate.names.joined(separator: ", ")
            let host = examination.broker.host
            if certificate.isFor(host) {
                return .sound("the broker's certificate is for '\(host)'")
            }
            let words = "the broker's certificate is for \(names), and not for '\(host)'"
            if examination.broker.tls.insecure {
                return .untold("\(words): with tls_insecure nobody asks for that")
            }
            return .wrong(words, examination.own("host \(certificate.names.first ?? "NAME")"))
        },
        Check("certificate-trust") { examination in
            guard examination.broker.tls.isOn else { return nil }
            let authorities = examination.broker.tls.cafile ?? "cafile"
            switch examination.look.isTrusted {
            case true:
                return .sound(
                    "an authority in '\(authorities)' has signed the broker's certificate"
                )
            case false:
                if let certificate = examination.look.certificate,
                    !certificate.isGood(at: examination.second)
                {
                    return .untold("not told: the certificate is out of date")
                }
                return .wrong(
                    "no authority in '\(authorities)' has signed the broker's certificate",
                    examination.own("cafile PATH of the authority that has signed it")
                )
            default: return .untold("not told: the broker has shown no certificate")
            }
        },
        Check("own-certificates") { examination in
            let tls = examination.broker.tls
            guard tls.isOn else { return nil }
            let authorities = tls.cafile.map(Certificate.all(inFile:)) ?? []
            if !authorities.isEmpty,
                !authorities.contains(where: { $0.isGood(at: examination.second) })
            {
                return .wrong(
                    "every authority in '\(tls.cafile ?? "cafile")' is out of date",
                    examination.own("cafile PATH of authorities that are good today")
                )
            }
            guard let path = tls.certfile else {
                return .sound(
                    "the authorities are good today; the bridge has no certificate of its own"
                )
            }
            guard let own = Certificate.all(inFile: path).first else {
                return .untold("the dates of '\(path)' cannot be read")
            }
            return outcome(
                "the bridge's certificate",
                own,
                at: examination.second,
                examination.own("certfile and keyfile of a new certificate")
            )
        },
    ]

    private static func outcome(
        _ whose: String,
        _ certificate: Certificate,
        at now: Int64,
        _ remedy: Finding.Remedy
    ) -> Outcome {
        let left = certificate.end - now
        if left < 0 {
            return .wrong("\(whose) is out of date since \(Int(-left / day).of("day"))", remedy)
        }
        if now < certificate.begin {
            let days = Int((certificate.begin - now) / day + 1)
            return .wrong(
                "\(whose) is not good before \(days.of("day")) from now: is this machine's clock "
                    + "right?",
                remedy
            )
        }
        let words = "\(whose) is good for \(Int(left / day).of("more day"))"
        return left < notice * day ? .wrong(words, remedy) : .sound(words)
    }
}

extension Examination {
    fileprivate var shownCertificate: Certificate? {
        broker.tls.isOn ? look.certificate : nil
    }

    /// What a check of the certificate comes to where there is none.
    fileprivate var withoutCertificate: Check.Outcome? {
        broker.tls.isOn
            ? .untold("not told: the broker has shown no certificate that can be read") : nil
    }

    /// Whether the broker is on this machine, as far as its address tells.
    var isNear: Bool {
        broker.isUnixSocket || broker.host == "localhost" || broker.host == "::1"
            || broker.host.hasPrefix("127.")
    }

    /// Whether the bridge's own call has failed, though nothing is wrong with the broker's certificate.
    private var isEndedForNothingSeen: Bool {
        guard isHungUpOn, look.isTrusted == true, let certificate = look.certificate else {
            return false
        }
        return certificate.isGood(at: second)
            && (broker.tls.insecure || certificate.isFor(broker.host))
    }

    fileprivate func encrypted() -> Check.Outcome {
        switch look.speech {
        case .tls where isEndedForNothingSeen:
            .wrong(
                "\(place) speaks TLS, shows a certificate that is right, and ends the call",
                own("certfile and keyfile of a certificate that the broker wants")
            )
        case .tls: .sound("\(place) speaks TLS")
        case .plain:
            .wrong(
                "cafile is set, and \(place) speaks MQTT without TLS",
                own("port NUMBER of a listener with certfile and keyfile; or take cafile out")
            )
        case .neither: .untold("not told: \(place) speaks neither TLS nor MQTT")
        }
    }

    fileprivate func unencrypted() -> Check.Outcome {
        switch look.speech {
        case .tls:
            .wrong(
                "\(place) speaks TLS, and cafile is not set",
                own("cafile PATH of the authority that has signed the broker's certificate")
            )
        case .plain where isNear: .sound("not encrypted, and it stays on this machine")
        case .plain:
            .untold(
                "not encrypted: the password goes to '\(broker.host)' as it is, unless something "
                    + "else encrypts it"
            )
        case .neither: .untold("not told: there is no connection to the broker")
        }
    }
}
