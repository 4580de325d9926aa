import Curl
import Foundation
import PresenceClient

/// Where a bridge is reached over HTTP, and by whose token.
struct HTTPOptions: Sendable {
    /// The bridge's URL, up to where its paths begin, without a slash at the end.
    let url: String
    let token: String
    /// As whom it is asked; `nil` for the operator.
    let username: Name?
    let cafile: String?
    /// How long an answer may take, in milliseconds.
    var timeout = 10_000

    /// What settings say; `nil` where they do not name a bridge's URL.
    ///
    /// - Throws: `UsageError`.
    init?(_ given: GivenSettings) throws(UsageError) {
        guard let url = given[.url], !given.prefersHost else { return nil }
        guard let address = WebAddress(url.value), !url.value.contains("?"),
            !url.value.contains("#")
        else {
            throw url.error("is no URL of a bridge; write http://127.0.0.1:8080 or https://...")
        }
        var text = address.url
        while text.hasSuffix("/") { text.removeLast() }
        self.url = text
        guard let token = given[.token] else {
            throw UsageError(
                "\(url.place) wants a token, which the bridge's operator makes by 'presence-bridge token': "
                    + "set PRESENCE_TOKEN, or give --token-file, or write 'token WORD' into "
                    + "~/.config/presence.conf"
            )
        }
        self.token = token.value
        cafile = given[.cafile]?.value
        if let cafile, !FileManager.default.isReadableFile(atPath: cafile) {
            throw given[.cafile]?.error("cannot be read") ?? UsageError(cafile)
        }
        if let username = given[.username] {
            guard let name = Name(user: username.value) else {
                throw username.error("is no name of a user")
            }
            self.username = name
        } else {
            self.username = nil
        }
        if let time = given[.timeout] {
            do {
                timeout = Int(clamping: try Lifetime(time.value, most: 86_400).seconds * 1_000)
            } catch {
                throw time.error(error.words)
            }
        }
    }
}
