import BrokerFixture
import Foundation

/// A real terminal: tmux with one window, in which a shell waits for what is typed.
final class Terminal: Sendable {
    private let server: Child
    private let folder: TemporaryFolder

    /// Whether there is tmux.
    static let isThere: Bool =
        (try? Child.runBlocking("tmux", ["-V"])).map { $0.hasPrefix("tmux") } ?? false

    /// Opens a window of this size; what runs in it has this environment.
    init(columns: Int, rows: Int, environment: [String: String]) async throws {
        folder = try TemporaryFolder()
        server = try Child(
            "tmux",
            ["-u", "-S", folder.file("tmux"), "-f", "/dev/null", "-D"],
            environment: environment.merging(["TERM": "xterm-256color", "NO_COLOR": ""]) { $1 }
        )
        try await eventually("tmux", log: server.errors) {
            FileManager.default.fileExists(atPath: folder.file("tmux")) ? true : nil
        }
        try await tmux(
            "new-session",
            "-d",
            "-c",
            "/",
            "-x",
            "\(columns)",
            "-y",
            "\(rows)",
            "env PS1='$ ' sh"
        )
        try await prompts()
    }

    deinit { server.kill() }

    @discardableResult
    private func tmux(_ arguments: String...) async throws -> String {
        try await Child.run("tmux", ["-u", "-S", folder.file("tmux")] + arguments)
    }

    /// Types a line.
    func type(_ line: String) async throws { try await tmux("send-keys", line, "Enter") }

    /// Presses a key, such as `C-c`.
    func press(_ key: String) async throws { try await tmux("send-keys", key) }

    /// Changes the size of the window.
    func resize(columns: Int, rows: Int) async throws {
        try await tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// What the window shows, line by line, without blanks at their ends; with colours, if wanted.
    func lines(colored: Bool = false) async throws -> [String] {
        let text = try await tmux(["capture-pane", "-p"] + (colored ? ["-e"] : []))
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            String($0)
        }
    }

    private func tmux(_ arguments: [String]) async throws -> String {
        try await Child.run("tmux", ["-u", "-S", folder.file("tmux")] + arguments)
    }

    /// Awaits that the shell asks for a command: what is typed before it has the terminal back is lost.
    @discardableResult
    func prompts() async throws -> [String] {
        try await shows("a prompt") { $0.last { !$0.isEmpty } == "$" }
    }

    /// Awaits that the window shows something, and returns its lines.
    @discardableResult
    func shows(_ what: String, _ matches: ([String]) -> Bool) async throws -> [String] {
        var last: [String] = []
        do {
            return try await eventually("\(what) in the window") {
                last = try await lines()
                return matches(last) ? last : nil
            }
        } catch {
            throw FixtureError("\(error)\nThe window shows:\n\(last.joined(separator: "\n"))")
        }
    }
}
