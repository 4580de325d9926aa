import CCurl

/// Dates as HTTP writes them (RFC 9110, section 5.6.7).
public enum HTTPDate {
    /// The Unix second of a date; `nil` for a text that is none.
    public static func second(of text: String) -> Int64? {
        let second = unsafe curl_getdate(text, nil)
        return second < 0 ? nil : Int64(second)
    }
}
