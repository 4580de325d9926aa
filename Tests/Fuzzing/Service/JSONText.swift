import Foundation
import Presence

/// JSON that the service wrote, as both readers see it: the project's own, which says in which
/// order the keys stand, and Foundation's, which nobody here has written.
enum JSONText {
    /// The object, or in words what is wrong.
    static func object(_ bytes: [UInt8]) -> Result<JSONObject, Complaint> {
        guard let value = try? JSONValue(parsing: bytes), let object = value.object else {
            return .failure(Complaint("this is no JSON object: \(bytes.text.prefix(200))"))
        }
        return isReadable(bytes)
            ? .success(object)
            : .failure(Complaint("Foundation does not read: \(bytes.text.prefix(200))"))
    }

    /// Whether Foundation reads it.
    static func isReadable(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil
    }

    /// What is wrong with something, in words.
    struct Complaint: Error {
        let words: String

        init(_ words: String) { self.words = words }
    }
}
