import Foundation
import Logging
import Presence
import PresenceCore
import PresenceStore
import Testing

@testable import PresenceBridge

@Suite("Where values come from")
struct PrecedenceTests {
    private let sample: ConfigurationSample

    init() throws {
        sample = try ConfigurationSample()
    }

    @Test("Without file, environment and flags the defaults hold")
    func defaults() throws {
        let configuration = try sample.load(environment: ["PATH": "/bin", "presence_port": "1"])
        #expect(configuration.settings == Settings())
        #expect(configuration.sources.isEmpty)
        #expect(configuration.settings.limits == Limits())
    }

    @Test("A flag stands over the environment, the environment over the file")
    func precedence() throws {
        let text = "# limits\nmax_devices 1\nmax_usernames 1\nmax_watchers 1\n"
        let configuration = try sample.load(
            text,
            arguments: ["--max_devices", "3"],
            environment: ["PRESENCE_BRIDGE_MAX_DEVICES": "2", "PRESENCE_BRIDGE_MAX_USERNAMES": "2"]
        )
        let limits = configuration.settings.limits
        #expect(limits.maxDevices == 3)
        #expect(limits.maxUsernames == 2)
        #expect(limits.maxWatchers == 1)
        #expect(configuration.sources["max_devices"] == .flag)
        #expect(configuration.sources["max_usernames"] == .environment)
        #expect(
            configuration.sources["max_watchers"] == .file(sample.path("bridge.conf"), line: 4)
        )
        #expect(configuration.sources["port"] == nil)
    }

    @Test("PRESENCE_BRIDGE_CONFIG names the file, unless a flag does")
    func fileFromEnvironment() throws {
        let first = try sample.write("port 1\n", as: "first.conf")
        let second = try sample.write("port 2\n", as: "second.conf")
        let environment = ["PRESENCE_BRIDGE_CONFIG": first]
        let one = try Configuration.load(.init(environment: environment))
        let two = try Configuration.load(.init(environment: environment, file: second))
        #expect(one.settings.broker.port == 1)
        #expect(two.settings.broker.port == 2)
    }

    @Test(
        "A flag may be spelled with '_', '-' and '='; the last one counts",
        arguments: [
            ["--max_devices", "7"], ["--max-devices", "7"], ["--max_devices=7"],
            ["--max-devices=7"], ["--max-devices", "1", "--max_devices", "7"],
        ]
    )
    func flags(arguments: [String]) throws {
        #expect(try sample.load(arguments: arguments).settings.limits.maxDevices == 7)
    }

    @Test("A value goes to the end of its line, and its blanks stay")
    func valuesWithBlanks() throws {
        let configuration = try sample.load(
            "\u{FEFF}  username\t anna  maria\r\n password   a #b = c \t\r\n\n   # x\nstore my store.db"
        )
        #expect(configuration.settings.broker.username == "anna  maria")
        #expect(configuration.settings.broker.password == "a #b = c")
        #expect(configuration.settings.store.location.shown == "my store.db")
    }

    @Test("Of lines that may stand more than once the bad ones are told, each as itself")
    func repeated() throws {
        let text = "webhook https://a/\nwebhook\nwebhook ftp://b/\nwebhook https://a/\n"
        let problems = try sample.problems(text)
        #expect(
            problems.map { $0.prefix(24) }.map(String.init)
                == [2, 3, 4].map {
                    "bridge.conf:\($0): webhook: "
                }
        )
        #expect(problems.last?.contains("twice") == true)
        let good = try sample.load("webhook https://a/\nwebhook https://b/ https://c/\n")
        #expect(good.settings.webhooks.addresses.count == 3)
    }

    @Test("Every key sets its own value and no other")
    func everyKey() throws {
        let cafile = try sample.write(PEMSample.both, as: "x.pem")
        let special = [
            "host": "broker.example", "username": "u", "password": "p", "password_file": cafile,
            "bridge_id": "other", "mqtt_version": "5", "cafile": cafile, "certfile": cafile,
            "keyfile": cafile,
            "max_message": "1100", "topic_prefix": "a/b", "store": "s.db", "store_sync": "normal",
            "store_schema": "other",
            "log_level": "debug", "broker_plugin": "off", "http_listen": "127.0.0.1:80",
            "tls_insecure": "true", "broker_restart": "never", "event_qos": "0",
            "allow_subscribe_all": "alice, bob", "allow_online": "false", "allow_watchers": "false",
            "webhook": "https://a/ http://b/", "webhook_events": "status",
        ]
        for setting in Setting.all {
            var changed = Settings()
            #expect(setting.apply(special[setting.key] ?? "11", to: &changed) == nil)
            let others = Setting.all.filter { !$0.isSame(changed, Settings()) }
            #expect(others.map(\.key) == [setting.key])
            var copy = Settings()
            setting.copy(changed, &copy)
            #expect(copy == changed)
        }
    }

    @Test("Permissions are everyone, nobody, or users")
    func permissions() throws {
        let settings = try sample.load(
            "allow_subscribe_all bob, alice  carol\nallow_online false\nallow_watchers true"
        ).settings
        let users = Set(["alice", "bob", "carol"].compactMap { Name(user: $0) })
        #expect(settings.limits.allowSubscribeAll == .users(users))
        #expect(settings.limits.allowOnline == .nobody)
        #expect(settings.limits.allowWatchers == .everyone)
        #expect(Setting.named("allow_subscribe_all")?.show(settings) == "alice bob carol")
    }

    @Test("A name that begins with an accent is parted from the blank before it")
    func accents() throws {
        let settings = try sample.load("allow_online bob \u{301}eve").settings
        let users = Set(["bob", "\u{301}eve"].map { Name(checked: $0) })
        #expect(settings.limits.allowOnline == .users(users))
    }

    @Test("The port follows cafile and a Unix socket, unless it is set")
    func port() throws {
        let cafile = try sample.write(PEMSample.both, as: "ca.pem")
        let secure = try sample.load("cafile \(cafile)\n")
        #expect(secure.settings.broker.port == 8_883)
        #expect(secure.sources["port"] == .implied(by: "cafile"))
        #expect(secure.settings.broker.tls.isOn)
        #expect(try sample.load("cafile \(cafile)\nport 1\n").settings.broker.port == 1)
        let socket = try sample.load("host /run/mosquitto.sock\n")
        #expect(socket.settings.broker.port == 0)
        #expect(socket.settings.broker.isUnixSocket)
        #expect(socket.sources["port"] == .implied(by: "host"))
    }

    @Test("The default expiry follows a lower max_expiry")
    func expiry() throws {
        let configuration = try sample.load("max_expiry 1h\n")
        #expect(configuration.settings.limits.defaultExpiry == 3_600)
        #expect(configuration.sources["default_expiry"] == .implied(by: "max_expiry"))
    }

    @Test(
        "The password is the first line of its file",
        arguments: ["se cret ", "se cret \n", "se cret \r\nmore\n"]
    )
    func passwordFile(text: String) throws {
        let path = try sample.write(text, as: "password")
        let configuration = try sample.load("username u\npassword_file \(path)\n")
        #expect(configuration.settings.broker.password == "se cret ")
        #expect(configuration.sources["password"] == .implied(by: "password_file"))
        #expect(configuration.warnings.isEmpty)
    }

    @Test("A key of the release before is taken, with a warning that names the new one")
    func formerKey() throws {
        let loaded = [
            try sample.load("client_id b3\n"),
            try sample.load(environment: ["PRESENCE_CLIENT_ID": "b3"]),
            try sample.load(environment: ["PRESENCE_BRIDGE_CLIENT_ID": "b3"]),
            try sample.load(arguments: ["--client-id", "b3"]),
        ]
        for configuration in loaded {
            #expect(configuration.settings.broker.bridgeID == "b3")
            #expect(configuration.warnings.count == 1)
            #expect(configuration.warnings[0].contains("is called bridge_id now"))
        }
        let environment = ["PRESENCE_CLIENT_ID": "old", "PRESENCE_BRIDGE_ID": "new"]
        #expect(try sample.load(environment: environment).settings.broker.bridgeID == "new")
        #expect(throws: ConfigurationError.self) { try sample.load("bridge_id a\nclient_id b\n") }
    }

    @Test("What is hardly meant brings a warning")
    func warnings() throws {
        let path = try sample.write("secret", as: "password")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let arguments = ["--password_file", path, "--username", "u", "--tls_insecure", "true"]
        #expect(
            try sample.load(arguments: arguments).warnings == [
                "password_file: every user of this machine may read \(quoted(path))",
                "tls_insecure without cafile: the connection is not encrypted at all",
            ]
        )
        #expect(
            try sample.load(arguments: ["--password", "p"]).warnings == [
                "password (flag): a password, but no username: set username to the name that the"
                    + " broker knows the bridge by"
            ]
        )
        let lonely = try sample.load("password_file \(path)\n")
        #expect(lonely.warnings.count == 2)
        #expect(lonely.warnings.last?.hasPrefix("password_file (") == true)
        #expect(lonely.warnings.last?.contains("a password, but no username") == true)
        let file = sample.path("bridge.conf")
        #expect(
            try sample.load("store 'my store'\npassword \"p\"\nusername u\n").warnings == [
                "\(file):1: store: the quotation marks around the value are a part of it",
                "\(file):2: password: the quotation marks around the value are a part of it",
            ]
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let open = try Configuration.load(.init(file: file)).warnings.last
        #expect(open?.contains("every user of this machine may read it") == true)
    }

    @Test("What a refused login asks to look at is what is set, and what is not")
    func loginAdvice() {
        var broker = Settings.Broker()
        #expect(broker.loginAdvice == "neither username nor password is set")
        broker.password = "p"
        #expect(broker.loginAdvice == "username is not set, only a password")
        broker.username = "u"
        #expect(
            broker.loginAdvice == "check username and password, or password_file, of user u"
        )
        broker.password = nil
        #expect(broker.loginAdvice == "neither password nor password_file is set for user u")
    }
}
