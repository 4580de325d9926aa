/// What can be set: as a flag, in the environment, and in the file.
enum Setting: String, CaseIterable {
    case host, port, username, password, id, cafile, prefix, timeout, url, token

    var variable: String { "PRESENCE_" + rawValue.uppercased() }
}
