/// One thing that people get wrong: how it is found out, and what is to be changed.
///
/// To add one, write a value as those in the folder `Checks` are, and name it in ``Check/all``. It
/// is given the ``Examination``, with the connection to the broker, the settings and what is known
/// by then, and returns what it found in words.
struct Check: Sendable {
    /// What a check cannot do without.
    ///
    /// Where it is missing the check is not tried, and says so.
    enum Need: Sendable {
        /// A connection to the broker in the bridge's name.
        case connection
        /// A connection in a user's name, too. Without `--user` the check is left out, because the finding
        /// `user-login` says for all of them that no user was given.
        case userConnection
    }

    /// What was found.
    enum Outcome: Sendable {
        case sound(String)
        case wrong(String, Finding.Remedy)
        case untold(String)
    }

    /// What the finding is called, in small letters and hyphens.
    let name: String
    let need: Need?
    /// Finds it out; `nil` where the configuration gives it nothing to look at.
    let examine: @Sendable (Examination) -> Outcome?

    init(
        _ name: String,
        needs need: Need? = nil,
        _ examine: @escaping @Sendable (Examination) -> Outcome?
    ) {
        self.name = name
        self.need = need
        self.examine = examine
    }

    /// All checks, in the order in which they are made: what others depend on comes first.
    static let all: [Check] =
        configuration + connection + tls + logins + rights + adoption + broker + plugin + users
        + store + database
        + patience

    func finding(_ examination: Examination) -> Finding? {
        if need == .userConnection, examination.options.user == nil { return nil }
        if let lack = need.flatMap(examination.lack) {
            return Finding(check: name, outcome: .untold, words: "not tried: \(lack)", remedy: nil)
        }
        return examine(examination).map { outcome in
            switch outcome {
            case .sound(let words):
                Finding(check: name, outcome: .sound, words: words, remedy: nil)
            case .wrong(let words, let remedy):
                Finding(check: name, outcome: .wrong, words: words, remedy: remedy)
            case .untold(let words):
                Finding(check: name, outcome: .untold, words: words, remedy: nil)
            }
        }
    }
}
