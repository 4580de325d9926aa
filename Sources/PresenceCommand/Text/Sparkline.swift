/// Numbers one after the other as a line of eight heights.
enum Sparkline {
    private static let heights = Array("▁▂▃▄▅▆▇█")

    /// A line with a letter for each number, the largest of which is the highest; a blank for none.
    ///
    /// - Parameter isFromZero: Whether nothing is the lowest; else the smallest number is.
    static func text(_ values: [Double?], isFromZero: Bool) -> String {
        let known = values.compactMap(\.self).filter(\.isFinite)
        guard let most = known.max(), let smallest = known.min() else { return "" }
        let least = isFromZero ? min(0, smallest) : smallest
        return String(
            values.map { value -> Character in
                guard let value, value.isFinite else { return " " }
                guard most > least else { return heights[0] }
                let share = (value - least) / (most - least)
                return heights[min(heights.count - 1, Int(share * Double(heights.count)))]
            }
        )
    }
}
