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

/// A password while it is typed, key by key.
struct TypedPassword {
    /// How it ends.
    enum End: Hashable {
        case done
        /// Ctrl-C was typed.
        case interrupted
    }

    private var bytes: [UInt8] = []

    /// Takes a key; returns the end, if it is that.
    ///
    /// The keys for one character back (DEL, BS) and for all of the line (Ctrl-U) do that; other
    /// control characters are no part of a password.
    mutating func type(_ key: UInt8) -> End? {
        switch key {
        case 0x0A, 0x0D, 0x04: return .done
        case 0x03: return .interrupted
        case 0x7F, 0x08:
            while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
        case 0x15: bytes = []
        case 0x00..<0x20: break
        default: bytes.append(key)
        }
        return nil
    }

    /// What was typed; `nil` for nothing, and for what is no text.
    var text: String? { bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self) }
}
