import PostgreSQL

/// Where a store is: a file of SQLite's, or a database of PostgreSQL's.
public enum StoreLocation: Hashable, Sendable {
    /// The path of a file; `:memory:` for a store that ends with the process.
    case file(String)
    /// A database.
    case database(ConnectionString)

    /// Reads a path or a URI.
    public init(_ text: String) throws(ConnectionString.Fault) {
        guard let mark = text.firstRange(of: "://") else {
            self = .file(text)
            return
        }
        guard ["postgresql", "postgres"].contains(text[..<mark.lowerBound]) else {
            throw ConnectionString.Fault(description: "is the URI of something else")
        }
        self = .database(try ConnectionString(text))
    }

    /// Whether a password is in it.
    public var hasPassword: Bool {
        switch self {
        case .file: false
        case .database(let string): string.hasPassword
        }
    }

    /// The path, or the URI without its password.
    public var shown: String {
        switch self {
        case .file(let path): path
        case .database(let string): string.shown
        }
    }
}
