import Foundation

/// A resolver of names that does not come back, as with a name server that is away.
///
/// The resolver of the GNU C library reads the file that `HOSTALIASES` names before it asks a name
/// server about a name without a dot. Here the file is a pipe into which nobody writes, and opening
/// it waits. No privilege and no network is needed for that.
public final class HangingResolver: Sendable {
    /// A name that is looked up for ever.
    public static let host = "broker-behind-a-resolver-that-hangs"

    /// Whether the resolver of this machine can be brought to hang: it asks name servers by itself.
    public static var isPossible: Bool {
        #if canImport(Glibc)
        guard let text = try? String(contentsOfFile: "/etc/nsswitch.conf", encoding: .utf8),
            let hosts = text.split(separator: "\n").first(where: { $0.hasPrefix("hosts:") })
        else { return true }
        let sources = hosts.split(whereSeparator: \.isWhitespace)
        return sources.contains("dns") && !sources.contains("resolve")
        #else
        return false
        #endif
    }

    private let folder: TemporaryFolder

    /// Makes the pipe.
    public init() throws {
        folder = try TemporaryFolder()
        guard mkfifo(folder.file("aliases"), 0o600) == 0 else {
            throw FixtureError("no pipe: \(String(cString: strerror(errno)))")
        }
    }

    /// What a process has in its environment whose resolver hangs.
    public var environment: [String: String] { ["HOSTALIASES": folder.file("aliases")] }

    /// Has the resolver of this process hang from now on: for a process of a test's own, which a
    /// signal ends if it does not end by itself.
    public func install() {
        alarm(60)
        for (name, value) in environment { setenv(name, value, 1) }
    }
}
