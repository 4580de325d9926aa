import PresencePluginCore
import Testing

@Suite("The plugin's options")
struct PluginOptionsTests {
    @Test("All of them are read")
    func all() throws {
        let options = try PluginOptions(reading: [
            ("auto_presence", "true"), ("device_name", "hash"), ("acl", "true"),
            ("other", "allow"), ("status_readers", "everyone"), ("bridge_users", "b1, b2 ,b3"),
            ("monitor_users", "m"), ("topic_prefix", "a/b"), ("settling_time", "250"),
            ("missing_wills", "reload"),
        ])
        #expect(options.missingWills == .reload)
        #expect(options.settlingTime == .milliseconds(250))
        #expect(options.autoPresence && options.acl)
        #expect(options.deviceName == .hash && options.other == .allow)
        #expect(options.statusReaders == .everyone)
        #expect(options.bridgeUsers == ["b1", "b2", "b3"] && options.monitorUsers == ["m"])
        #expect(options.topicPrefix == "a/b")
    }

    @Test("Without any the plugin does nothing")
    func none() throws {
        let options = try PluginOptions(reading: [])
        #expect(options == PluginOptions())
        #expect(!options.autoPresence && !options.acl && options.bridgeUsers.isEmpty)
    }

    @Test("Missing wills are said as far as that costs nothing, unless an option says more or less")
    func missingWills() throws {
        for (acl, automatic, wills) in [
            (true, true, .all), (true, false, .all), (false, true, .reload), (false, false, .none),
        ] as [(Bool, Bool, PluginOptions.MissingWills)] {
            let given = [
                ("bridge_users", "b"), ("acl", "\(acl)"), ("auto_presence", "\(automatic)"),
            ]
            #expect(try PluginOptions(reading: given).missingWills == wills)
            for option in PluginOptions.MissingWills.allCases {
                let more = given + [("missing_wills", option.rawValue)]
                #expect(try PluginOptions(reading: more).missingWills == option)
            }
        }
    }

    @Test(
        "What is wrong is named with its key, its value and what is right",
        arguments: [
            ("auto_presence", "yes", "plugin_opt_auto_presence is \"yes\": it is true or false"),
            ("acl", "", "plugin_opt_acl is \"\": it is true or false"),
            ("device_name", "name", "plugin_opt_device_name is \"name\": it is one of id, hash"),
            ("other", "deny", "plugin_opt_other is \"deny\": it is one of defer, allow"),
            (
                "settling_time", "1s",
                "plugin_opt_settling_time is \"1s\": it is 0 to 60000 milliseconds"
            ),
            (
                "settling_time", "60001",
                "plugin_opt_settling_time is \"60001\": it is 0 to 60000 milliseconds"
            ),
            (
                "status_readers", "all",
                "plugin_opt_status_readers is \"all\": it is one of everyone, own, none"
            ),
            (
                "bridge_users", "a,,b",
                "plugin_opt_bridge_users is \"a,,b\": it is names of users with commas between; \"\" is none"
            ),
            (
                "monitor_users", "a/b",
                "plugin_opt_monitor_users is \"a/b\": it is names of users with commas between; \"a/b\" is none"
            ),
            (
                "topic_prefix", "a//b",
                "plugin_opt_topic_prefix is \"a//b\": it has an empty level; allowed: topic levels separated by '/', without '+', '#', and no '$' in front"
            ),
        ]
    )
    func wrong(_ key: String, _ value: String, _ line: String) {
        let fault = #expect(throws: OptionFault.self) {
            try PluginOptions(reading: [(key, value)])
        }
        #expect(fault?.description == line)
    }

    @Test("The key of hashed names is long enough to be none that is guessed, and in no message")
    func nameKey() throws {
        let short = #expect(throws: OptionFault.self) {
            try PluginOptions(reading: [("device_name_key", "guess")])
        }
        #expect(
            short?.description
                == "plugin_opt_device_name_key is \"********\": it has 16 to 256 bytes; "
                + "this has 5"
        )
        let twice = #expect(throws: OptionFault.self) {
            try PluginOptions(
                reading: [(String, String)](
                    repeating: ("device_name_key", "0123456789abcdef"),
                    count: 2
                )
            )
        }
        #expect(twice?.description.contains("0123") == false)
        let options = try PluginOptions(
            reading: [("device_name", "hash"), ("device_name_key", "0123456789abcdef")]
        )
        #expect(options.deviceNameKey == "0123456789abcdef")
        #expect(options.description.contains("device_name hash with a key"))
        #expect(!options.description.contains("0123456789abcdef"))
    }

    @Test("A key that does not exist, or stands twice, is wrong")
    func keys() {
        let unknown = #expect(throws: OptionFault.self) {
            try PluginOptions(reading: [("autopresence", "true")])
        }
        #expect(unknown?.description.contains("auto_presence") == true)
        let twice = #expect(throws: OptionFault.self) {
            try PluginOptions(reading: [("other", "defer"), ("other", "allow")])
        }
        #expect(twice?.description == "plugin_opt_other is \"allow\": it was given before")
    }

    @Test(
        "Whoever wants presence or rights has to name the bridge",
        arguments: ["auto_presence", "acl"]
    )
    func bridge(_ key: String) {
        let fault = #expect(throws: OptionFault.self) {
            try PluginOptions(reading: [(key, "true")])
        }
        #expect(fault?.description.hasPrefix("plugin_opt_bridge_users is missing") == true)
    }
}
