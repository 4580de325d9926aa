/// Open addressing: a table of places, a power of two of them, in which 0 is a free place. What is entered
/// lies at the place where it belongs, or at the next one behind that which was free.
extension ContiguousArray where Element: UnsignedInteger & FixedWidthInteger {
    /// Makes a place free; those behind it that are not where they belong move up, so that they are
    /// still found.
    ///
    /// - Parameter belongs: Where what is entered belongs, by what it is entered as.
    @inline(__always)
    mutating func free(_ place: Int, belongs: (Element) -> Int) {
        var (free, place) = (place, place)
        while true {
            place = (place + 1) & (count - 1)
            guard self[place] != 0 else { break }
            let wanted = belongs(self[place])
            let isBetween =
                free <= place ? free < wanted && wanted <= place : free < wanted || wanted <= place
            guard !isBetween else { continue }
            self[free] = self[place]
            free = place
        }
        self[free] = 0
    }
}
