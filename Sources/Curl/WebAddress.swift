import CCurl

/// An `http` or `https` URL (RFC 3986), as libcurl reads it.
public struct WebAddress: Hashable, Sendable {
    /// The URL as it was written.
    public let url: String
    /// The URL without what may be secret: name and password, and the query.
    public let shown: String

    /// Reads a URL; `nil` for a text that is none, or one of another scheme.
    public init?(_ text: String) {
        guard let parts = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(parts) }
        guard unsafe curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = unsafe Self.part(CURLUPART_SCHEME, of: parts),
            scheme == "http" || scheme == "https",
            unsafe Self.part(CURLUPART_HOST, of: parts) != nil
        else { return nil }
        url = text
        for secret in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT] {
            unsafe _ = curl_url_set(parts, secret, nil, 0)
        }
        shown = unsafe Self.part(CURLUPART_URL, of: parts) ?? scheme
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(parts, part, &text, 0) == CURLUE_OK, let text = unsafe text
        else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
