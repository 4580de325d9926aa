import Presence

/// What a machine needs to know of names, whoever keeps them.
protocol Naming {
    /// The number of a name, if anything refers to it.
    func id(of name: Name) -> UserID?

    /// The name under a number, if there is one.
    func name(of id: UserID) -> Name?

    /// The number of a name, a new one if it has none.
    mutating func intern(_ name: Name) -> UserID
}

extension Naming {
    /// The name under a number that must have one.
    subscript(id: UserID) -> Name {
        guard let name = name(of: id) else { preconditionFailure("no name under number \(id)") }
        return name
    }
}

/// The names that anything refers to, each under a small number of its own.
///
/// A number is given again only after the store has forgotten what it stood for.
struct Names: Naming, Sendable {
    private var table = NameTable()  // The number 0 stands for everyone.
    private var free: [UserID] = []
    /// Names that something has ceased to refer to: perhaps nothing does any more.
    private var released: Set<UserID> = []

    /// One more than the highest number in use.
    var end: UserID { table.end }

    /// How many names there are.
    var count: Int { table.count }

    func id(of name: Name) -> UserID? { table.number(of: name) }

    func name(of id: UserID) -> Name? { table[id] }

    mutating func intern(_ name: Name) -> UserID {
        if let id = id(of: name) { return id }
        let id = free.popLast() ?? end
        table.insert(name, as: id)
        return id
    }

    /// Puts a name back under the number it had before a restart.
    mutating func restore(_ name: Name, as id: UserID) { table.insert(name, as: id) }

    /// Makes the numbers that no name was restored under available.
    mutating func endRestoring() {
        free = (1..<max(1, end)).reversed().filter { table[$0] == nil }
    }

    /// Something has ceased to refer to a name.
    mutating func release(_ id: UserID) { released.insert(id) }

    /// Takes the names that something has ceased to refer to, by their numbers.
    mutating func takeReleased() -> [UserID] {
        guard !released.isEmpty else { return [] }
        defer { released = [] }
        return released.sorted().filter { table[$0] != nil }
    }

    /// Drops a name that nothing refers to; its number stays taken until ``reuse(_:)``.
    mutating func remove(_ id: UserID) { table.remove(id) }

    /// Makes the number of a name that was dropped available again.
    mutating func reuse(_ id: UserID) { free.append(id) }
}
