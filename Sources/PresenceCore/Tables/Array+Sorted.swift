/// Arrays that are kept in order, each element once.
extension Array where Element: Comparable {
    /// Where an element stands in a sorted array, or would stand.
    private func place(of element: Element) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insertSorted(_ element: Element) {
        let place = place(of: element)
        if place == count || self[place] != element { insert(element, at: place) }
    }

    mutating func removeSorted(_ element: Element) {
        let place = place(of: element)
        if place < count, self[place] == element { remove(at: place) }
    }
}
