import Foundation

extension BrokerOptions {
    /// The text of mosquitto's configuration.
    func configuration(in folder: TemporaryFolder, port: UInt16, tlsPort: UInt16?) -> String {
        var lines = [
            "log_dest file \(folder.file("mosquitto.log"))",
            "log_timestamp_format %Y-%m-%dT%H:%M:%S",
            "sys_interval \(sysInterval)",
            "set_tcp_nodelay true",
            "allow_anonymous \(allowsAnonymous ?? users.isEmpty)",
        ]
        lines += logTypes.map { "log_type \($0)" }
        // As root it would give up its rights, and with them its folder.
        if geteuid() == 0 {
            lines.append("user root")
        }
        if !users.isEmpty {
            lines.append("password_file \(folder.file("passwords"))")
        }
        if acl != nil {
            lines.append("acl_file \(folder.file("acl"))")
        }
        if persistence {
            lines += ["persistence true", "persistence_location \(folder.path)/"]
        }
        lines.append(extra)
        lines.append("listener \(port) 127.0.0.1")
        if unixSocket {
            lines.append("listener 0 \(folder.file("mqtt.sock"))")
        }
        if let tlsPort {
            lines += [
                "listener \(tlsPort) 127.0.0.1",
                "certfile \(folder.file("server.pem"))",
                "keyfile \(folder.file("server.key"))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Writes what the configuration refers to.
    func writeFiles(to folder: TemporaryFolder) throws {
        if !users.isEmpty {
            let lines = users.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)\n" }
            let path = try folder.write(lines.joined(), to: "passwords")
            // Replaces the passwords by their hashes, for all the users at once.
            try Child.runBlocking("mosquitto_passwd", ["-U", path])
        }
        if let acl {
            try folder.write(acl, to: "acl")
        }
        if tls {
            try writeCertificates(to: folder)
        }
    }

    private func writeCertificates(to folder: TemporaryFolder) throws {
        let elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try Child.runBlocking(
            "openssl",
            ["req", "-x509"] + elliptic + [
                "-subj", "/CN=Authority of a test", "-days", "2",
                "-keyout", folder.file("ca.key"), "-out", folder.file("ca.pem"),
            ]
        )
        try Child.runBlocking(
            "openssl",
            ["req", "-x509"] + elliptic + [
                "-subj", "/CN=localhost", "-days", "2",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext", "basicConstraints=critical,CA:FALSE",
                "-CA", folder.file("ca.pem"), "-CAkey", folder.file("ca.key"),
                "-keyout", folder.file("server.key"), "-out", folder.file("server.pem"),
            ]
        )
    }
}
