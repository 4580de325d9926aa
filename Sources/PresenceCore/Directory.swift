import Presence

/// The names that anything refers to, each under a small number of its own.
///
/// A number is given again only after the store has forgotten what it stood for.
struct Directory: Sendable {
    private var names = NameTable()  // The number 0 stands for everyone.
    private var free: [UserID] = []

    /// One more than the highest number in use.
    var end: UserID { names.end }

    /// The number of a name, if anything refers to it.
    func id(of name: Name) -> UserID? { names.number(of: name) }

    /// The name under a number.
    subscript(id: UserID) -> Name {
        guard let name = names[id] else {
            preconditionFailure("no name under number \(id) of \(names.end)")
        }
        return name
    }

    /// How many names there are.
    var count: Int { names.count }

    /// The name under a number, if there is one.
    func name(of id: UserID) -> Name? { names[id] }

    /// The number of a name, a new one if it has none.
    mutating func intern(_ name: Name) -> UserID {
        if let id = id(of: name) { return id }
        let id = free.popLast() ?? end
        names.insert(name, as: id)
        return id
    }

    /// Puts a name back under the number it had before a restart.
    mutating func restore(_ name: Name, as id: UserID) { names.insert(name, as: id) }

    /// Makes the numbers that no name was restored under available.
    mutating func endRestoring() {
        free = (1..<max(1, end)).reversed().filter { names[$0] == nil }
    }

    /// Drops a name; its number stays taken until ``release(_:)``.
    mutating func remove(_ id: UserID) { names.remove(id) }

    /// Makes a number available again.
    mutating func release(_ id: UserID) { free.append(id) }
}
