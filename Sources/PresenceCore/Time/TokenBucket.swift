/// A token bucket: so many at once, and so many a second after that.
struct TokenBucket: Hashable, Sendable {
    /// Thousandths of a token, so that milliseconds times tokens a second is whole.
    private var level: Int64
    private var filled: Int64
    /// When the last refusal was answered, in milliseconds of uptime.
    var refused: Int64?

    init(burst: Int, at uptime: Int64) {
        level = Int64(burst) * 1_000
        filled = uptime
    }

    mutating func take(rate: Int, burst: Int, at uptime: Int64) -> Bool {
        fill(rate: rate, burst: burst, at: uptime)
        guard level >= 1_000 else { return false }
        level -= 1_000
        return true
    }

    /// Whether it has filled up, so that forgetting it changes nothing.
    mutating func isFull(rate: Int, burst: Int, at uptime: Int64) -> Bool {
        fill(rate: rate, burst: burst, at: uptime)
        return level >= Int64(burst) * 1_000
    }

    /// In how many milliseconds there is a token.
    func wait(rate: Int) -> Int64 {
        max(0, (1_000 - level + Int64(rate) - 1) / Int64(max(1, rate)))
    }

    private mutating func fill(rate: Int, burst: Int, at uptime: Int64) {
        let capacity = Int64(burst) * 1_000
        // A pause longer than it takes to fill cannot overflow the product.
        let pause = min(max(0, uptime - filled), capacity)
        level = min(capacity, level + pause * Int64(rate))
        filled = uptime
    }
}
