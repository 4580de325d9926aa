/// The version of the command, which is that of the bridge.
enum Version {
    static let current = "0.1.0"
}
