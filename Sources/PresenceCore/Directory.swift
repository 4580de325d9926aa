import Presence

/// The names that anything refers to, each under a small number of its own.
///
/// A number is given again only after the store has forgotten what it stood for.
struct Directory: Sendable {
    private var names: ContiguousArray<Name?> = [nil]  // The number 0 stands for everyone.
    private var ids: [Name: UserID] = [:]
    private var free: [UserID] = []

    /// One more than the highest number in use.
    var end: UserID { UserID(names.count) }

    /// The number of a name, if anything refers to it.
    func id(of name: Name) -> UserID? { ids[name] }

    /// The name under a number.
    subscript(id: UserID) -> Name {
        guard let name = names[Int(id)] else {
            preconditionFailure("no name under number \(id) of \(names.count)")
        }
        return name
    }

    /// How many names there are.
    var count: Int { ids.count }

    /// The name under a number, if there is one.
    func name(of id: UserID) -> Name? {
        id < end ? names[Int(id)] : nil
    }

    /// The number of a name, a new one if it has none.
    mutating func intern(_ name: Name) -> UserID {
        if let id = ids[name] { return id }
        let id: UserID
        if let freed = free.popLast() {
            id = freed
            names[Int(id)] = name
        } else {
            id = end
            names.append(name)
        }
        ids[name] = id
        return id
    }

    /// Puts a name back under the number it had before a restart.
    mutating func restore(_ name: Name, as id: UserID) {
        while end <= id {
            names.append(nil)
        }
        names[Int(id)] = name
        ids[name] = id
    }

    /// Makes the numbers that no name was restored under available.
    mutating func endRestoring() {
        free = names.indices.dropFirst().reversed().filter { names[$0] == nil }.map { UserID($0) }
    }

    /// Drops a name; its number stays taken until ``release(_:)``.
    mutating func remove(_ id: UserID) {
        if let name = names[Int(id)] { ids[name] = nil }
        names[Int(id)] = nil
    }

    /// Makes a number available again.
    mutating func release(_ id: UserID) { free.append(id) }
}
