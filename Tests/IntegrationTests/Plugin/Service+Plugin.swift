import BrokerFixture
import Foundation
import Mosquitto

extension BrokerOptions {
    /// The built plugin, which lies beside the tests.
    static var plugin: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "libPresencePlugin.so").path
    }

    /// Loads the plugin with options, in the order of their keys.
    mutating func load(_ plugin: [String: String]) {
        let lines = plugin.sorted { $0.key < $1.key }.map { "plugin_opt_\($0.key) \($0.value)" }
        extra += "\n" + (["plugin \(Self.plugin)"] + lines).joined(separator: "\n")
    }

    /// Whether the plugin is loaded, which a broker does but once.
    var loadsPlugin: Bool { extra.contains("plugin \(Self.plugin)") }

    /// Loads the plugin in place of an access control list.
    mutating func replaceList(_ plugin: [String: String] = [:]) {
        acl = nil
        let rights = ["acl": "true", "bridge_users": Service.bridgeID, "monitor_users": "monitor"]
        load(rights.merging(plugin) { $1 })
    }
}

extension Service {
    /// A service whose broker has the plugin, which gives the rights and speaks for every client.
    static func automatic(
        _ plugin: [String: String] = [:],
        flags: [String: String] = [:],
        users: [String] = [],
        broker change: (inout BrokerOptions) -> Void = { _ in }
    ) async throws -> Service {
        try await start(flags, users: users) { options in
            options.replaceList(["auto_presence": "true"].merging(plugin) { $1 })
            change(&options)
        }
    }

    /// Starts a `mosquitto_sub` that knows nothing of presence.
    func plainClient(_ user: String, id: String, _ more: String...) throws -> Child {
        try plainClient(user, id: id, more)
    }

    /// As ``plainClient(_:id:_:)-(_,_,String...)``, with further arguments in a list.
    func plainClient(_ user: String, id: String, _ more: [String]) throws -> Child {
        try Child(
            "mosquitto_sub",
            [
                "-h", broker.host, "-p", "\(broker.port)", "-u", user, "-P", user, "-i", id,
                "-t", "presence/event/\(user)",
            ] + more
        )
    }
}
