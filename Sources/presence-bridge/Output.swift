import Foundation

/// The two streams that the command writes to, and how it writes times.
enum Output {
    static func standard(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    static func error(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// A Unix second as date and time of here.
    static func stamp(_ second: Int64) -> String {
        var format = Date.ISO8601FormatStyle(timeZone: .current)
        format = format.year().month().day().dateTimeSeparator(.space).time(
            includingFractionalSeconds: false
        )
        return Date(timeIntervalSince1970: TimeInterval(second)).formatted(format)
    }
}
