import Presence

/// Names under numbers from 1 on, to be found by the name.
///
/// A name is kept once, under its number. What finds it is a table of eight bytes a place: the
/// number, and half of the hash, so that hardly any name is looked at in vain. With a dictionary in its
/// place, which keeps each name twice, the birth of a new user takes 30 % more instructions.
struct NameTable: Sendable {
    private var names: ContiguousArray<Name?> = [nil]
    /// The number in the lower half, 0 for a place that is free; half of the hash in the upper.
    private var places: ContiguousArray<UInt64> = [0, 0, 0, 0]
    private(set) var count = 0
    /// Another one in each process, so that nobody can choose names that collide.
    private let seed = UInt64(truncatingIfNeeded: Hasher().finalize())

    /// One more than the highest number that was ever used.
    var end: UInt32 { UInt32(truncatingIfNeeded: names.count) }

    subscript(number: UInt32) -> Name? {
        Int(number) < names.count ? names[Int(number)] : nil
    }

    /// Whether there is a name under a number.
    func holds(_ number: UInt32) -> Bool {
        Int(number) < names.count && names[Int(number)] != nil
    }

    func number(of name: Name) -> UInt32? {
        let hash = name.hash(seed: seed)
        var place = first(for: hash)
        while places[place] != 0 {
            let number = UInt32(truncatingIfNeeded: places[place])
            if (places[place] ^ hash) >> 32 == 0, names[Int(number)] == name { return number }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    /// Puts a name that is not there under a number that is free.
    mutating func insert(_ name: Name, as number: UInt32) {
        restore(name, as: number)
        if count * 4 > places.count * 3 {
            enterAll(into: places.count * 2)
        } else {
            enter(number, hash: name.hash(seed: seed))
        }
    }

    /// The same for one of many; none of them is found before ``endRestoring()``.
    mutating func restore(_ name: Name, as number: UInt32) {
        while names.count <= number { names.append(nil) }
        names[Int(number)] = name
        count += 1
    }

    mutating func endRestoring() {
        var room = places.count
        while count * 4 > room * 3 { room *= 2 }
        enterAll(into: room)
    }

    /// Takes the name under a number away, if there is one.
    mutating func remove(_ number: UInt32) {
        guard let name = self[number] else { return }
        var place = first(for: name.hash(seed: seed))
        while UInt32(truncatingIfNeeded: places[place]) != number {
            place = (place + 1) & (places.count - 1)
        }
        names[Int(number)] = nil
        count -= 1
        let mask = places.count - 1
        places.free(place) { Self.first(for: $0, mask) }
    }

    private func first(for hash: UInt64) -> Int { Self.first(for: hash, places.count - 1) }

    private static func first(for hash: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: hash >> 32) & mask
    }

    private mutating func enter(_ number: UInt32, hash: UInt64) {
        var place = first(for: hash)
        while places[place] != 0 { place = (place + 1) & (places.count - 1) }
        places[place] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(number)
    }

    private mutating func enterAll(into room: Int) {
        places = ContiguousArray(repeating: 0, count: room)
        for number in names.indices {
            guard let name = names[number] else { continue }
            enter(UInt32(truncatingIfNeeded: number), hash: name.hash(seed: seed))
        }
    }
}
