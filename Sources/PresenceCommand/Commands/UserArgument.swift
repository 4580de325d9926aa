import ArgumentParser
import PresenceClient

/// Names of users as they are typed.
enum UserArgument {
    /// Reads a name.
    static func read(_ text: String) throws -> Name {
        guard let name = Name(user: text) else {
            throw ValidationError(
                "no user can be called \(text.debugDescription): a name is 1 to 128 bytes without "
                    + "/, +, # and control characters, no $ in front"
            )
        }
        return name
    }

    /// The names, each once.
    static func distinct(_ names: [Name]) -> [Name] {
        var seen = Set<Name>()
        return names.filter { seen.insert($0).inserted }
    }
}
