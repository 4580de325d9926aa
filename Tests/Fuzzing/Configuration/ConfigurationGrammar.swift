import PresenceBridge

/// Lines of a configuration: keys with values that they may have, at limits, or mutated.
enum ConfigurationGrammar {
    private static let texts = [
        "#", "# comment", "", "username anna maria", "password s3cret", "host /run/broker.sock",
        "password_file FOLDER/password", "cafile FOLDER/password", "certfile FOLDER/password",
        "keyfile FOLDER/password", "allow_online alice, bob", "allow_subscribe_all everyone",
        "topic_prefix a/b", "default_expiry 30d", "max_expiry 1h", "max_message 2000",
    ]

    /// A line as words of a case.
    static func line(_ dice: inout Dice) -> [[UInt8]] {
        var key = ""
        var value = ""
        if dice.once(in: 3) {
            let text = dice.pick(from: texts) ?? ""
            key = String(text.prefix { $0 != " " })
            value = String(text.dropFirst(key.count + 1))
        } else {
            let setting = dice.pick(from: Setting.all)
            key = setting?.key ?? ""
            value = dice.once(in: 2) ? setting?.defaultText ?? "x" : other(&dice)
        }
        var bytes = Array(value.utf8)
        ByteMutation.maybe(&bytes, oneIn: 3, &dice)
        var name = Array(key.utf8)
        ByteMutation.maybe(&name, oneIn: 12, &dice)
        switch dice.roll(12) {
        case 0: return [Array("env".utf8), Array(key.uppercased().utf8), bytes]
        case 1: return [Array("flag".utf8), Array("--".utf8) + name, bytes]
        default: return [name, bytes]
        }
    }

    private static func other(_ dice: inout Dice) -> String {
        let number = dice.pick(from: MutationPieces.numbers) ?? "0"
        return dice.pick(
            number,
            number + dice.pick("s", "ms", "m", "h", "d", " s", "S"),
            "true",
            "false",
            "everyone",
            "nobody",
            "never",
            "normal",
            "\u{E9}"
        )
    }
}
