import Foundation
import PresenceClient
import Synchronization

/// A page in a terminal that is drawn again when it changes, ten times a second at most.
///
/// The terminal is given back as it was, however the page ends.
final class LiveScreen: Sendable {
    private let bell = Bell()
    private let isSpoilt = Mutex(false)
    private let before = Mutex(Before())

    private struct Before {
        var isTaken = false
        var settings = termios()
    }

    static var isPossible: Bool {
        Output.standard.isTerminal && !Style.isDumb(ProcessInfo.processInfo.environment)
    }

    func ring() { bell.ring() }

    static let signals: Set<Int32> = [SIGWINCH, SIGTSTP, SIGCONT]

    /// The window has changed its size; Ctrl-Z was typed; the program goes on after that.
    func hear(_ signal: Int32) {
        if signal == SIGTSTP {
            leave()
            kill(getpid(), SIGSTOP)
            return
        }
        if signal == SIGCONT { enter() }
        isSpoilt.withLock { $0 = true }
        ring()
    }

    /// Draws until the task is cancelled or somebody presses the key that ends it.
    ///
    /// - Parameter press: Takes a key, and returns whether it ends the page.
    func run(
        _ page: @escaping @Sendable (Screen.Size) -> [String],
        press: @escaping @Sendable (Key) -> Bool = { $0 == .text("q") }
    ) async throws {
        enter()
        defer { leave() }
        try await Race.first(
            { try await self.draw(page) },
            { try await self.untilQuit(press) },
            {
                // What is told as "5 min" grows old by itself.
                while true {
                    try await Task.sleep(for: .seconds(10))
                    self.ring()
                }
            }
        )
    }

    private func draw(_ page: (Screen.Size) -> [String]) async throws {
        var screen = Screen()
        ring()
        for await _ in bell.rings {
            let isSpoilt = isSpoilt.withLock { isSpoilt in
                defer { isSpoilt = false }
                return isSpoilt
            }
            if isSpoilt { screen.forget() }
            try Output.standard.write(screen.update(to: page(Self.size)))
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    static var size: Screen.Size {
        var window = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0,
            window.ws_col > 0
        else { return Screen.Size(rows: 24, columns: 80) }
        return Screen.Size(rows: Int(window.ws_row), columns: Int(window.ws_col))
    }

    /// What is typed is not shown, and comes at once.
    private func enter() {
        before.withLock { before in
            guard !before.isTaken else { return }
            before.isTaken = true
            if unsafe tcgetattr(STDIN_FILENO, &before.settings) == 0 {
                var quiet = before.settings
                quiet.c_lflag &= ~tcflag_t(ECHO | ICANON)
                unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet)
            }
            try? Output.standard.write(Screen.enter)
        }
    }

    private func leave() {
        before.withLock { before in
            guard before.isTaken else { return }
            before.isTaken = false
            try? Output.standard.write(Screen.leave)
            if isatty(STDIN_FILENO) == 1 {
                unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before.settings)
            }
        }
    }

    /// Waits for the key that ends it; without a keyboard for ever.
    private func untilQuit(_ press: @Sendable (Key) -> Bool) async throws {
        guard isatty(STDIN_FILENO) == 1 else {
            return try await Race.forever()
        }
        for await key in Keyboard.keys() {
            if press(key) { return }
            ring()
        }
    }
}
