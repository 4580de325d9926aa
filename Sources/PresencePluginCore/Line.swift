/// Things that wait, in the order in which they came.
struct Line<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    /// What has waited longest.
    var first: Element? { head < elements.count ? elements[head] : nil }

    /// Puts something at the end.
    mutating func append(_ element: Element) { elements.append(element) }

    /// Takes away all that meets a condition.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        elements.removeFirst(head)
        head = 0
        elements.removeAll(where: isUnwanted)
    }

    /// Takes away what has waited longest, if anything waits.
    mutating func removeFirst() {
        guard head < elements.count else { return }
        head += 1
        // What is gone is given back when it is the larger part: each is moved once at most.
        guard head * 2 >= elements.count else { return }
        elements.removeFirst(head)
        head = 0
    }
}
