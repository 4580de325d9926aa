import BrokerFixture
import Testing

@Suite("How the command line ends", .service())
struct ExitCodeTests {
    @Test(
        "What the bridge refuses ends with 1, and its code is printed",
        arguments: [
            (["subscribe", "--all"], "(forbidden)\n"),
            (["watch", "--all"], "(forbidden)\n"),
            (["say", String(repeating: "x", count: 1_025)], "(invalid_description)\n"),
        ]
    )
    func refused(arguments: [String], end: String) async throws {
        let run = try await run(arguments)
        #expect(run.exit == .code(1))
        #expect(run.errors.hasSuffix(end), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test(
        "Wrong usage ends with 2, and says what is right",
        arguments: [
            (["get"], "<name>"), (["get", "a/b"], "no user can be called"),
            (["bogus"], "there is no command 'bogus'"),
            (["wach", "bob"], "did you mean 'watch'?"), (["help", "nosuch"], "There are watch,"),
            (["online", "--fro"], "Unknown option '--fro'.\n"),
            (["online", "--jsno"], "Did you mean '--json'?"),
            (["subscribe", "bob", "--for", "60d"], "'60d' is too long; 30d at most"),
            (["say", "x", "--for", "0"], "'0' is too short"),
            (["get", "bob", "--host", "localhost:1990"], "host localhost, port 1990"),
            (["get", "bob", "--host", "mqtt://localhost"], "has a scheme in it"),
            (["subscribe", "bob", "--for", "5y"], "write 30s, 10m, 12h or 7d"),
            (["set", "offline"], "what you are without"), (["set", "very busy"], "a-z 0-9 _ -"),
            (["set", "{}"], "a-z 0-9 _ -"), (["set", "lost"], "what you are without"),
            (["set", "busy", "--for", "1h"], "--for is for a description"),
            (["unsubscribe"], "one of both"), (["watch", "--all", "bob"], "not both"),
            (["get", "bob", "--port", "x"], "--port: 'x' is no port"),
            (["watch"], "you are subscribed to nobody"),
        ]
    )
    func usage(arguments: [String], words: String) async throws {
        // Not as alice, who watches in other tests.
        let run = try await run(arguments, as: "dave")
        #expect(run.exit == .code(2))
        #expect(run.errors.contains(words), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test(
        "Without a connection it ends with 3",
        arguments: [
            (["--port", "1"], "Connection refused"), (["--password", "wrong"], "wrong username"),
            (["--host", "/tmp/no.sock"], "/tmp/no.sock"), (["--cafile", "/etc/hostname"], ""),
        ]
    )
    func connection(flags: [String], words: String) async throws {
        let run = try await run(["get", "bob"] + flags)
        #expect(run.exit == .code(3), "\(run.errors)")
        #expect(run.errors.contains(words), "\(run.errors)")
    }

    @Test("A refusal of who gave no password says that none was given")
    func noPassword() async throws {
        let service = try Service.current
        for command in [["get", "bob"], ["watch", "bob"], ["set", "busy"], ["top"]] {
            let child = try Child(
                Service.command,
                command,
                environment: service.environment("alice").merging(["PRESENCE_PASSWORD": ""]) { $1 }
            )
            #expect(try await child.wait(timeout: .seconds(40)) == .code(3))
            #expect(child.errors.contains("no password was given: set PRESENCE_PASSWORD"))
        }
    }

    @Test("Without an answer in time it ends with 4", .service())
    func answer() async throws {
        let service = try Service.current
        let top = try await service.run("alice", "top", "--timeout", "1s")
        #expect(top.exit == .code(4))
        #expect(top.errors.contains("may this user read presence/bridge/#"))
        try await service.killBridge()
        let get = try await service.run("alice", "get", "bob", "--timeout", "1s")
        #expect(get.exit == .code(4))
        #expect(get.errors == "presence: no answer to get: the bridge is away\n")
    }

    @Test("What cannot be written ends with 5, and is not lost in silence")
    func full() async throws {
        let service = try Service.current
        for command in ["get bob", "watch --json bob"] {
            let child = try Child(
                "/bin/sh",
                ["-c", "\"$0\" \(command) >/dev/full", Service.command],
                environment: service.environment("alice")
            )
            #expect(try await child.wait() == .code(5))
            #expect(child.errors.contains("No space left on device"))
        }
    }

    @Test("Help and version end with 0, for each command")
    func help() async throws {
        let commands = [
            "watch", "get", "online", "set", "say", "subscribe", "unsubscribe", "subscriptions",
            "watchers", "top",
        ]
        for command in commands {
            let help = try await run([command, "--help"])
            #expect(help.exit == .code(0))
            #expect(help.output.contains("  presence \(command)"), "an example of \(command)")
            #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
        #expect(try await run(["--version"]).output == "0.1.0\n")
        #expect(try await run(["--generate-completion-script", "bash"]).exit == .code(0))
    }

    private func run(_ arguments: [String], as user: String = "alice") async throws -> Service.Run {
        let service = try Service.current
        let child = try Child(
            Service.command,
            arguments,
            environment: service.environment(user)
        )
        let exit = try await child.wait(timeout: .seconds(40))
        return Service.Run(exit: exit, output: child.output, errors: child.errors)
    }
}
