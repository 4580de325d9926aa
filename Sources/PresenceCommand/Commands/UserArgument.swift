import ArgumentParser
import PresenceClient

/// Names of users as they are typed.
enum UserArgument {
    static func read(_ text: String) throws -> Name {
        guard let name = Name(user: text) else {
            throw ValidationError(Name.refusal(user: text))
        }
        return name
    }

    static func distinct(_ names: [Name]) -> [Name] {
        var seen = Set<Name>()
        return names.filter { seen.insert($0).inserted }
    }
}
