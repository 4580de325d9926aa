/// One piece of damage to the files of a store.
struct StoreEdit {
    /// What is done.
    enum Kind: String, CaseIterable {
        /// A bit changes.
        case flip
        /// Bytes are written over others.
        case write
        /// The file ends earlier.
        case cut
        /// Bytes stand behind the end.
        case extend
        /// A page is all zeroes.
        case zero
        /// Two pages change places.
        case swap
        /// A page stands in the place of another.
        case copy
        /// The file is gone.
        case remove
    }

    private static let page = 4_096

    var kind: Kind
    /// Whether it is done to the log.
    var isLog: Bool
    var place: Int
    var value: [UInt8]

    /// Draws one.
    init(_ dice: inout Dice) {
        kind = dice.pick(.flip, .flip, .write, .write, .write, .cut, .extend, .zero, .swap, .copy)
        if dice.once(in: 60) { kind = .remove }
        isLog = dice.once(in: 3)
        // The first hundred bytes, and the beginnings of pages, decide the most.
        place = dice.pick(
            dice.roll(100),
            dice.roll(16) * Self.page + dice.roll(64),
            dice.roll(100_000)
        )
        let limits: [[UInt8]] = [
            [0], [0xFF], [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x80, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0], [0, 1], [0x10, 0], [0xFF, 0xFF, 0xFF, 0xFF],
            [UInt8(dice.roll(256))], [UInt8(dice.roll(256)), UInt8(dice.roll(256))],
        ]
        value = dice.pick(from: limits) ?? [0]
    }

    /// Reads a line of a case; `nil` for one that makes no sense.
    init?(_ words: [[UInt8]]) {
        guard words.count == 4, let kind = Kind(rawValue: words[0].text),
            let place = words[2].number, (0..<10_000_000).contains(place)
        else { return nil }
        self.kind = kind
        isLog = words[1].text == "log"
        self.place = Int(place)
        value = words[3]
    }

    /// The edit as a line of a case.
    var words: [[UInt8]] {
        [
            Array(kind.rawValue.utf8), Array((isLog ? "log" : "main").utf8),
            [UInt8](number: place), value,
        ]
    }

    /// Damages the files.
    func apply(to sample: inout StoreSample) {
        if isLog, sample.log != nil {
            sample.log = damaged(sample.log ?? [])
        } else if !isLog {
            sample.main = damaged(sample.main) ?? []
        }
    }

    /// The bytes of a file with the damage, `nil` for no file.
    func damaged(_ bytes: [UInt8]) -> [UInt8]? {
        var bytes = bytes
        guard !bytes.isEmpty else { return kind == .remove ? nil : bytes }
        let place = place % bytes.count
        let (one, other) = (place / Self.page * Self.page, Int(value.first ?? 0) * Self.page)
        let isWhole = one + Self.page <= bytes.count
        let areTwo = isWhole && other != one && other + Self.page <= bytes.count
        switch kind {
        case .flip: bytes[place] ^= 1 << ((value.first ?? 0) & 7)
        case .write:
            for (offset, byte) in value.enumerated() where place + offset < bytes.count {
                bytes[place + offset] = byte
            }
        case .cut: bytes.removeSubrange(place...)
        case .extend: bytes += repeatElement(value.first ?? 0, count: place)
        case .zero where isWhole:
            bytes.replaceSubrange(one..<one + Self.page, with: repeatElement(0, count: Self.page))
        case .swap where areTwo:
            for offset in 0..<Self.page { bytes.swapAt(one + offset, other + offset) }
        case .copy where areTwo:
            let source = bytes[other..<other + Self.page]
            bytes.replaceSubrange(one..<one + Self.page, with: Array(source))
        case .remove: return nil
        case .zero, .swap, .copy: break
        }
        return bytes
    }
}
