/// Why a server did not do what was asked of it.
public enum PostgreSQLError: Error, Hashable, Sendable {
    /// There is no session: nobody answers, or who answers lets nobody in.
    case unreachable(String)
    /// The session has ended. Whether what was asked for was done is not known.
    case lost(String)
    /// The server has not answered in time, and the session was ended. Whether what was asked for was done is not
    /// known.
    case late
    /// The server has refused a statement, and all that followed it: an SQLSTATE of five characters
    /// (https://www.postgresql.org/docs/15/errcodes-appendix.html), and its words.
    case refused(code: String, words: String)

    /// Whether the session is of no use any more.
    public var endsSession: Bool {
        switch self {
        case .unreachable, .lost, .late: true
        // An operator's intervention, as the end of the server; and a server that has become one that only reads.
        case .refused(let code, _): code.hasPrefix("57P") || code == "25006"
        }
    }
}

extension PostgreSQLError: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .unreachable(let words): words
        case .lost(let words): "the connection was lost: \(words)"
        case .late: "the database does not answer"
        case .refused(let code, let words): "\(words) (SQLSTATE \(code))"
        }
    }
}
