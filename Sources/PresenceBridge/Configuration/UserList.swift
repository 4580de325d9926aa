import Presence

/// The users that a permission names, separated by blanks or commas.
///
/// A word that other programs understand as yes or no is most likely meant so here, too, and is
/// refused; a user who is really called so is written with a comma behind the name.
struct UserList {
    let users: Set<Name>

    private static let switches: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "1", "0", "enabled", "disabled",
        "all", "any", "anyone", "anybody", "everyone", "everybody", "none", "nobody", "*",
    ]

    init(_ users: Set<Name>) {
        self.users = users
    }

    init(_ text: String) throws(BadValue) {
        var users: Set<Name> = []
        let words = Self.words(of: text)
        for (word, hasComma) in words {
            guard words.count == 1 || (word != "true" && word != "false") else {
                throw BadValue("mixes '\(word)' with user names")
            }
            if !hasComma, Self.switches.contains(word.lowercased()) {
                throw BadValue(
                    (words.count == 1 ? "is" : "has '\(word)', which is")
                        + " neither 'true' nor 'false'; a user of that name is written with a comma"
                        + " behind it, '\(word),'"
                )
            }
            guard let name = Name(user: word) else {
                throw BadValue("names \(quoted(word)), which is no user name")
            }
            users.insert(name)
        }
        guard !users.isEmpty else { throw BadValue("names no user") }
        self.users = users
    }

    var text: String {
        users.sorted().map(\.text)
            .map { Self.switches.contains($0.lowercased()) ? $0 + "," : $0 }
            .joined(separator: " ")
    }

    /// The words, and whether a comma stands right behind each.
    private static func words(of text: String) -> [(word: String, hasComma: Bool)] {
        // By bytes: a blank and the accent at the beginning of a name are one letter.
        let separators = Array(" \t,".utf8)
        return text.utf8.split(whereSeparator: separators.contains).map { word in
            let next = word.endIndex < text.utf8.endIndex ? text.utf8[word.endIndex] : nil
            return (String(Substring(word)), next == UInt8(ascii: ","))
        }
    }
}
