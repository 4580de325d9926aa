/// Changes of bytes that know nothing of what the bytes mean, or only that they have numbers and
/// strings in them.
enum ByteMutation {
    /// The most bytes that an input grows to.
    static let longest = 80_000

    /// Changes some bytes once in so many times, by one to four mutations.
    static func maybe(_ bytes: inout [UInt8], oneIn times: Int, _ dice: inout Dice) {
        guard dice.once(in: times) else { return }
        for _ in 0...dice.roll(4) {
            mutate(&bytes, &dice)
        }
        if bytes.count > longest { bytes.removeSubrange(longest...) }
    }

    /// Changes some bytes once.
    static func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
        let place = dice.roll(bytes.count + 1)
        let end = min(bytes.count, place + 1 + dice.roll(8))
        switch dice.roll(10) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.removeSubrange(place...)
        case 2: bytes.removeSubrange(..<place)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4 where place < bytes.count: bytes[place] ^= 1 << UInt8(dice.roll(8))
        case 5 where place < bytes.count: bytes[place] = UInt8(dice.roll(256))
        case 6: replace(&bytes, from: place, &dice) { (0x30...0x39).contains($0) || $0 == 0x2D }
        case 7:
            let other = dice.roll(bytes.count + 1)
            bytes.insert(contentsOf: bytes[other...].prefix(64), at: place)
        case 8:
            let piece = Array(bytes[place..<end])
            let count = dice.pick(from: MutationPieces.lengths) ?? 1
            bytes.insert(
                contentsOf: repeatElement(piece, count: count).joined(),
                at: place
            )
        default: bytes.insert(contentsOf: MutationPieces.piece(&dice), at: place)
        }
    }

    /// Puts another number in the place of the first that stands behind a place.
    private static func replace(
        _ bytes: inout [UInt8],
        from place: Int,
        _ dice: inout Dice,
        _ isPart: (UInt8) -> Bool
    ) {
        guard let start = bytes[place...].firstIndex(where: isPart) else { return }
        let end = bytes[start...].firstIndex { !isPart($0) } ?? bytes.count
        let number = dice.pick(from: MutationPieces.numbers) ?? "0"
        bytes.replaceSubrange(start..<end, with: number.utf8)
    }
}
