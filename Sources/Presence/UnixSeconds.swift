/// The Unix seconds that are taken for times.
package enum UnixSeconds {
    /// Up to the end of the year 9999, which is the last one that is written with four digits: sums of them do not
    /// overflow.
    package static let range: ClosedRange<Int64> = 0...253_402_300_799
}
