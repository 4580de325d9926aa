extension Int64 {
    /// The difference, or the last number on that side where it goes past the end of the numbers.
    ///
    /// Numbers that came from outside may be any: the plain difference of two ends the process.
    package func subtractingSaturated(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < 0 ? .min : .max) : difference
    }
}
