import BrokerFixture

extension Testbed {
    /// Starts a broker with the plugin, of which the bridge uses the fan-out.
    convenience init(withPlugin: Bool) throws {
        try self.init { options in
            if withPlugin { try options.loadPlugin() }
        }
    }

    /// Starts the bridge, and makes sure that it has found the plugin where there is one.
    func startBridge(_ settings: [String: String] = [:], withPlugin: Bool) throws {
        try startBridge(settings.merging(withPlugin ? ["log_level": "notice"] : [:]) { $1 })
        let isFound = bridge?.errors.contains("passes events on") ?? false
        guard isFound == withPlugin else {
            throw FixtureError("the bridge has not found the plugin")
        }
    }
}

extension BrokerOptions {
    /// Loads the plugin that was built beside this program.
    mutating func loadPlugin(_ options: [String: String] = [:]) throws {
        let lines = options.merging(["bridge_users": "presence-bridge"]) { $1 }
            .sorted { $0.key < $1.key }
            .map { "plugin_opt_\($0.key) \($0.value)" }
        extra +=
            try "\n"
            + (["plugin \(Testbed.program("libPresencePlugin.so"))"] + lines)
            .joined(separator: "\n")
    }
}
