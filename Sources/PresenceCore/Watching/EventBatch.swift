/// JSON values gathered into arrays no longer than a limit.
struct EventBatch {
    private let limit: Int
    private var full: [[UInt8]] = []
    private var open: [UInt8] = []
    /// How many values there are.
    private(set) var count = 0

    /// A batch of nothing.
    init(limit: Int) { self.limit = limit }

    /// Adds a value.
    mutating func append(_ value: [UInt8]) {
        if open.isEmpty {
            open.reserveCapacity(value.count + 2)
        } else if open.count + value.count + 2 > limit {
            full.append(close())
        }
        open.append(open.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
        open.append(contentsOf: value)
        count += 1
    }

    /// The arrays.
    consuming func take() -> [[UInt8]] {
        if count > 0 { full.append(close()) }
        return full
    }

    private mutating func close() -> [UInt8] {
        open.append(UInt8(ascii: "]"))
        defer { open = [] }
        return open
    }
}
