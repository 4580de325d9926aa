import Foundation
import Logging
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Reading the configuration again")
struct ReloadTests {
    private let sample: ConfigurationSample

    init() throws {
        sample = try ConfigurationSample()
    }

    @Test("Limits, rates and the log level change at once; the rest waits and is told")
    func changes() throws {
        let first = try sample.load("max_devices 10\nport 1\npassword old\nlog_level info\n")
        _ = try sample.write(
            "max_devices 20\nport 2\npassword new\n\nlog_level debug\nrequest_rate 5\n"
        )
        let path = sample.path("bridge.conf")
        let reload = try first.reload()
        #expect(
            reload.applied.map(\.description) == [
                "max_devices 10 -> 20 (\(path):1)", "request_rate 50 -> 5 (\(path):6)",
                "log_level info -> debug (\(path):5)",
            ]
        )
        #expect(
            reload.waiting.map(\.description) == [
                "port 1 -> 2 (\(path):2)", "password ******** -> ******** (\(path):3)",
            ]
        )
        let settings = reload.configuration.settings
        #expect(settings.limits.maxDevices == 20)
        #expect(settings.logLevel == .debug)
        #expect(settings.broker.port == 1)
        #expect(settings.broker.password == "old")
        #expect(reload.configuration.sources["port"] == .file(path, line: 2))
        #expect(reload.configuration.sources["log_level"] == .file(path, line: 5))
    }

    @Test("A key that was taken out of the file is at its default again")
    func removed() throws {
        let first = try sample.load("max_devices 10\n")
        _ = try sample.write("")
        let reload = try first.reload()
        #expect(reload.configuration.settings == Settings())
        #expect(reload.configuration.sources.isEmpty)
        #expect(reload.applied.map(\.key) == ["max_devices"])
    }

    @Test("Flags and environment still stand over the file that was read again")
    func layers() throws {
        let first = try sample.load("max_devices 10\n", arguments: ["--max_devices", "5"])
        _ = try sample.write("max_devices 20\n")
        let reload = try first.reload()
        #expect(reload.applied.isEmpty)
        #expect(reload.waiting.isEmpty)
        #expect(reload.configuration.settings.limits.maxDevices == 5)
    }

    @Test("What waits is told at every reading until the bridge starts anew")
    func waiting() throws {
        let first = try sample.load("port 1\n")
        _ = try sample.write("port 2\n")
        let second = try first.reload().configuration
        #expect(try second.reload().waiting.map(\.key) == ["port"])
        _ = try sample.write("port 1\n")
        #expect(try second.reload().waiting.isEmpty)
    }

    @Test("Another key in the same file waits, and is told")
    func secret() throws {
        let file = try sample.write("one", as: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let first = try sample.load("webhook https://h/\nwebhook_secret_file \(file)\n")
        #expect(try first.reload().waiting.isEmpty)
        _ = try sample.write("two", as: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let reload = try first.reload()
        #expect(reload.waiting.map(\.key) == ["webhook_secret_file"])
        #expect(reload.configuration.settings.webhooks.secret == Array("one".utf8))
    }

    @Test("A file with a mistake is refused as a whole")
    func mistake() throws {
        let first = try sample.load("max_devices 10\n")
        _ = try sample.write("max_devices 20\nport x\n")
        #expect(throws: ConfigurationError.self) { try first.reload() }
    }

    @Test(
        "Only what belongs to the connection, the topics, the store, HTTP and webhooks waits for a start"
    )
    func moments() {
        let groups: [SettingGroup] = [.broker, .topics, .store, .http, .webhooks]
        let waiting = Setting.all.filter { $0.takesEffect == .atStart }
        #expect(waiting.map(\.key) == groups.flatMap(\.settings).map(\.key))
    }
}
