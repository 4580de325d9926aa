import Foundation

/// What a device is called when nobody says it.
enum DeviceName {
    /// A name that no other device of the user has, for one that only asks.
    static func random() -> String {
        "cli-" + String(UInt64.random(in: 0..<1 << 48), radix: 36)
    }

    /// The name of this machine, up to its first dot, made fit, and the number of this process:
    /// two of one name would log each other out.
    static func ofThisProcess() -> String {
        let process = ProcessInfo.processInfo
        return "\(fit(process.hostName).prefix(48))-\(process.processIdentifier)"
    }

    static func fit(_ text: String) -> String {
        let name = String(text.prefix { $0 != "." }.prefix(64).map { $0.isPermitted ? $0 : "-" })
        return name.isEmpty ? "terminal" : name
    }
}

extension Character {
    fileprivate var isPermitted: Bool { isASCII && (isLetter || isNumber || self == "-") }
}
