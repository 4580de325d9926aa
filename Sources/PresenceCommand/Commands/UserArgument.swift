import ArgumentParser
import PresenceClient

/// Names of users as they are typed.
enum UserArgument {
    /// Reads a name.
    static func read(_ text: String) throws -> Name {
        guard let name = Name(user: text) else {
            throw ValidationError(Name.refusal(user: text))
        }
        return name
    }

    /// The names, each once.
    static func distinct(_ names: [Name]) -> [Name] {
        var seen = Set<Name>()
        return names.filter { seen.insert($0).inserted }
    }
}
