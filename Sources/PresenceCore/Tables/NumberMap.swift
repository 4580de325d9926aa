import Presence

/// Values under numbers of users.
///
/// The values lie side by side; what finds them is a table of four bytes a place. With a dictionary in
/// its place, which protects itself against keys that are chosen to collide, finding one of a thousand
/// takes several times as many instructions; the numbers are the core's own.
struct NumberMap<Value> {
    private(set) var keys: ContiguousArray<UserID> = []
    private var values: ContiguousArray<Value> = []
    /// One more than where the value lies, 0 for a place that is free.
    private var places: ContiguousArray<UInt32> = [0, 0, 0, 0]

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    /// Where the value under a number lies until the next one is removed.
    func index(of key: UserID) -> Int? {
        var place = first(for: key)
        while places[place] != 0 {
            let index = Int(places[place]) - 1
            if keys[index] == key { return index }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    subscript(at index: Int) -> Value {
        _read { yield values[index] }
        _modify { yield &values[index] }
    }

    subscript(key: UserID) -> Value? { index(of: key).map { values[$0] } }

    /// The value under a number, in place; under one that has none it is the one given.
    subscript(key: UserID, default value: @autoclosure () -> Value) -> Value {
        get { self[key] ?? value() }
        _modify {
            if let index = index(of: key) {
                yield &values[index]
            } else {
                insert(value(), under: key)
                yield &values[keys.count - 1]
            }
        }
    }

    /// Adds a value under a number that has none.
    mutating func insert(_ value: Value, under key: UserID) {
        keys.append(key)
        values.append(value)
        if keys.count * 4 > places.count * 3 {
            places = ContiguousArray(repeating: 0, count: places.count * 2)
            for index in keys.indices { enter(index) }
        } else {
            enter(keys.count - 1)
        }
    }

    /// Removes and returns the value under a number, if there is one; the last takes its place.
    @discardableResult
    mutating func removeValue(under key: UserID) -> Value? {
        guard let index = index(of: key) else { return nil }
        let mask = places.count - 1
        places.free(place(of: index)) { [keys] in Self.first(for: keys[Int($0) - 1], mask) }
        let last = keys.count - 1
        if index != last {
            places[place(of: last)] = UInt32(index + 1)
            keys.swapAt(index, last)
            values.swapAt(index, last)
        }
        keys.removeLast()
        return values.removeLast()
    }

    mutating func removeAll() {
        guard !isEmpty else { return }
        if keys.count < 1_024 {
            for index in keys.indices { places[place(of: index)] = 0 }
            keys.removeAll(keepingCapacity: true)
            values.removeAll(keepingCapacity: true)
        } else {
            self = NumberMap()
        }
    }

    // MARK: - Places

    private func first(for key: UserID) -> Int { Self.first(for: key, places.count - 1) }

    private static func first(for key: UserID, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: (UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    }

    private mutating func enter(_ index: Int) {
        var place = first(for: keys[index])
        while places[place] != 0 { place = (place + 1) & (places.count - 1) }
        places[place] = UInt32(index + 1)
    }

    private func place(of index: Int) -> Int {
        var place = first(for: keys[index])
        while places[place] != index + 1 { place = (place + 1) & (places.count - 1) }
        return place
    }
}

extension NumberMap: Sendable where Value: Sendable {}
