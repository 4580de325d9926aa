import Testing

@Suite("What make install puts in place, and make uninstall takes away")
struct InstalledFilesTests {
    @Test("Programs, unit, manual, completions and documents are where their readers look")
    func files() async throws {
        let installation = try await Installation()
        let files = try await installation.files()
        let expected = [
            "bin/presence", "bin/presence-bridge", "lib/systemd/system/presence-bridge.service",
            "lib/sysusers.d/presence-bridge.conf", "share/man/man1/presence.1",
            "share/man/man5/presence-bridge.conf.5", "share/man/man8/presence-bridge.8",
            "share/bash-completion/completions/presence",
            "share/bash-completion/completions/presence-bridge",
            "share/zsh/site-functions/_presence-bridge",
            "share/fish/vendor_completions.d/presence-bridge.fish",
            "share/doc/presence-bridge/README.md",
            "share/doc/presence-bridge/docs/operations.md",
            "share/doc/presence-bridge/examples/acl",
            "share/doc/presence-bridge/examples/mosquitto-service.conf",
        ]
        #expect(Set(expected.map { "/usr/local/\($0)" }).subtracting(files) == [])
        #expect(!files.contains { $0.hasSuffix("bundle.js") || $0.hasSuffix(".pyc") })
        #expect(installation.read("/etc/presence-bridge/bridge.conf").contains("\nusername "))
    }

    @Test("With another prefix the unit is where systemd finds it, and starts what is there")
    func prefix() async throws {
        let installation = try await Installation(prefix: "/opt/presence")
        let unit = installation.read("/etc/systemd/system/presence-bridge.service")
        #expect(unit.contains("\nExecStart=/opt/presence/bin/presence-bridge --config "))
        #expect(try await installation.files().contains("/opt/presence/bin/presence-bridge"))
    }

    @Test("After make uninstall the configuration alone is left")
    func uninstall() async throws {
        let installation = try await Installation()
        try await installation.make("uninstall")
        #expect(try await installation.files() == ["/etc/presence-bridge/bridge.conf"])
    }
}
