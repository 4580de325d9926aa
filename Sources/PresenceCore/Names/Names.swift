import Presence

/// The names that anything refers to, each under a small number of its own.
///
/// A number is given again only after the store has forgotten what it stood for.
struct Names: Sendable {
    private var table = NameTable()  // The number 0 stands for everyone.
    private var free: [UserID] = []
    /// Names that something has ceased to refer to: perhaps nothing does any more.
    private var released = NumberMap<Void>()

    var end: UserID { table.end }
    var count: Int { table.count }
    func id(of name: Name) -> UserID? { table.number(of: name) }
    func name(of id: UserID) -> Name? { table[id] }

    /// The name under a number that must have one.
    subscript(id: UserID) -> Name {
        guard let name = name(of: id) else { preconditionFailure("no name under number \(id)") }
        return name
    }

    mutating func intern(_ name: Name) -> UserID {
        if let id = id(of: name) { return id }
        let id = free.popLast() ?? end
        table.insert(name, as: id)
        return id
    }

    mutating func restore(_ name: Name, as id: UserID) { table.restore(name, as: id) }

    /// Makes the names that were restored known, and the numbers between them available.
    mutating func endRestoring() {
        table.endRestoring()
        free = (1..<max(1, end)).reversed().filter { table[$0] == nil }
    }

    /// Something has ceased to refer to a name.
    mutating func release(_ id: UserID) {
        if released.index(of: id) == nil { released.insert((), under: id) }
    }

    /// Takes the names that something has ceased to refer to, by their numbers.
    mutating func takeReleased() -> [UserID] {
        guard !released.isEmpty else { return [] }
        defer { released.removeAll() }
        return released.keys.sorted().filter { table.holds($0) }
    }

    /// Drops a name that nothing refers to; its number stays taken until ``reuse(_:)``.
    mutating func remove(_ id: UserID) { table.remove(id) }

    /// Makes the number of a name that was dropped available again.
    mutating func reuse(_ id: UserID) { free.append(id) }
}
