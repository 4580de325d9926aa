/// The version of the bridge, as `--version` prints it and the bridge's retained state tells it.
public enum Version {
    /// The version of this build.
    public static let current = "0.1.0"
}
