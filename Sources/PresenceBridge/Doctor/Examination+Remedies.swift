/// The files that lines are to be added to.
extension Examination {
    /// The bridge's own file.
    var ownFile: String { configuration.origin.path ?? "bridge.conf" }

    /// What the bridge is called at the broker.
    var login: String { broker.username ?? "presence-bridge" }

    func own(_ line: String) -> Finding.Remedy { .init(ownFile, line) }

    func broker(_ line: String) -> Finding.Remedy {
        .init(options.brokerFile ?? "mosquitto.conf", line)
    }

    /// The ACL, where the rights of the bridge stand.
    func acl(_ line: String) -> Finding.Remedy {
        .init("the broker's acl_file, below 'user \(login)'", line)
    }

    /// The ACL, where the rights of all users stand.
    func patterns(_ line: String) -> Finding.Remedy { .init("the broker's acl_file", line) }

    func shell(_ line: String) -> Finding.Remedy { .init("shell", line) }
}
