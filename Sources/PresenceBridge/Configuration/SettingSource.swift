/// Where the value of a key comes from.
public enum SettingSource: Hashable, Sendable, CustomStringConvertible {
    /// Nobody set it.
    case byDefault
    /// Nobody set it, and another key that is set has it differ from its default.
    case implied(by: String)
    /// A line of the configuration file.
    case file(String, line: Int)
    /// A variable of the environment.
    case environment
    /// A flag of the command line.
    case flag

    /// The source as `--check` prints it.
    public var description: String {
        switch self {
        case .byDefault: "default"
        case .implied(let key): "default (given \(key))"
        case .file(let path, let line): "\(path):\(line)"
        case .environment: "environment"
        case .flag: "flag"
        }
    }

    func spelling(of setting: Setting) -> String {
        switch self {
        case .byDefault, .implied, .file: setting.key
        case .environment: setting.environmentName
        case .flag: "--" + setting.key
        }
    }
}
