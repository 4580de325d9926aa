import BrokerFixture

extension Testbed {
    /// Starts a broker with the plugin, of which the bridge uses the fan-out.
    convenience init(of program: BridgeProgram? = nil, withPlugin: Bool) throws {
        let plugin = try (program ?? .own()).plugin
        try self.init(of: program) { options in
            if withPlugin { options.loadPlugin(plugin) }
        }
    }

    /// Starts the bridge, and makes sure that it has found the plugin where there is one.
    func startBridge(_ settings: [String: String] = [:], withPlugin: Bool) throws {
        try startBridge(settings.merging(withPlugin ? ["log_level": "notice"] : [:]) { $1 })
        let isFound = bridge?.errors.contains("passes events on") ?? false
        guard isFound == withPlugin else {
            throw FixtureError("\(program.path) has not found the plugin \(try program.plugin)")
        }
    }
}

extension BrokerOptions {
    /// Loads the plugin at a path.
    mutating func loadPlugin(_ path: String, _ options: [String: String] = [:]) {
        let lines = options.merging(["bridge_users": "presence-bridge"]) { $1 }
            .sorted { $0.key < $1.key }
            .map { "plugin_opt_\($0.key) \($0.value)" }
        extra += "\n" + (["plugin \(path)"] + lines).joined(separator: "\n")
    }
}
