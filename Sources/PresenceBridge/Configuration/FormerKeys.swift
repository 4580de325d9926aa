/// Keys of earlier releases, and what became of them.
enum FormerKeys {
    /// What to tell somebody who still sets a key; `nil` for a key that there never was.
    ///
    /// - Parameter key: The key as the file spells it.
    static func advice(on key: String) -> String? {
        switch key {
        case "client_id":
            "there is no such key any more: it is bridge_id now, and the client id itself is random"
        default: nil
        }
    }
}
