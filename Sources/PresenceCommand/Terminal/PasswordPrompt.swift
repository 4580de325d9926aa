import Foundation

/// Asks for a password on the terminal, where it is not shown.
enum PasswordPrompt {
    /// Whether there is a person to ask: a terminal at both ends, which this program may read from
    /// now, and not one in the background.
    static var isPossible: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
            && tcgetpgrp(STDIN_FILENO) == getpgrp()
    }

    /// Asks; `nil` when just Enter was pressed, for a broker that wants none.
    ///
    /// Ctrl-C ends the program, after the terminal was given back as it was.
    static func ask(for username: String) -> String? {
        var before = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        let name = DisplayText.safe(username)
        try? Output.error.write("Password for \(name) (Enter for none): ")
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet)
        var typed = TypedPassword()
        var end: TypedPassword.End?
        while end == nil {
            var byte: UInt8 = 0
            let count = unsafe read(STDIN_FILENO, &byte, 1)
            if count == -1, errno == EINTR { continue }
            end = count == 1 ? typed.type(byte) : .done
        }
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
        try? Output.error.write("\n")
        if end == .interrupted {
            signal(SIGINT, SIG_DFL)
            raise(SIGINT)
        }
        return typed.text
    }
}
