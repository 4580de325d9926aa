import BrokerFixture

/// A proxy with TLS before a port of this machine, as an operator has before the bridge's HTTP side.
struct TLSProxy {
    private static let script = """
        import socket, ssl, sys, threading
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server = socket.create_server(("127.0.0.1", 0))
        print("port", server.getsockname()[1], flush=True)

        def pump(source, target):
            try:
                while part := source.recv(65536):
                    target.sendall(part)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        def serve(client):
            try:
                client = context.wrap_socket(client, server_side=True)
                inner = socket.create_connection(("127.0.0.1", int(sys.argv[3])))
            except OSError:
                return
            threading.Thread(target=pump, args=(client, inner), daemon=True).start()
            pump(inner, client)
            client.close()

        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
        """

    let port: UInt16
    /// The file with the authority that its certificate is by.
    let authority: String
    private let child: Child
    private let folder: TemporaryFolder

    init(to port: UInt16) async throws {
        folder = try TemporaryFolder()
        authority = folder.file("certificate.pem")
        let key = folder.file("key.pem")
        _ = try await Child.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", authority,
            ]
        )
        let child = try Child(Python.path, ["-c", Self.script, authority, key, "\(port)"])
        self.child = child
        let line = try await eventually("the proxy's port", log: child.errors) {
            // A part of the line may be there before the rest.
            child.output.contains("\n") ? child.output.split(separator: "\n").first : nil
        }
        guard let number = line.split(separator: " ").last.flatMap({ UInt16($0) }) else {
            throw FixtureError("no port: \(line)")
        }
        self.port = number
    }

    func end() { child.kill() }
}
