/// The MQTT client ids of bridges.
///
/// Whoever connects with the client id of another throws that one off, so nobody may know it, and
/// nobody can guess it.
///
/// It is longer than the name of a device, so that a plugin that makes devices of clients does not show
/// it as one.
enum ClientID {
    /// How many random letters and digits there are; each has almost 6 bits.
    private static let length = 64
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    )

    /// A new client id of a bridge.
    static func random(for bridge: String, using random: inout any RandomNumberGenerator) -> String
    {
        "\(bridge)-\(letters(using: &random))"
    }

    /// Letters and digits that nobody can guess.
    static func letters(using random: inout any RandomNumberGenerator) -> String {
        String(
            (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        )
    }
}
