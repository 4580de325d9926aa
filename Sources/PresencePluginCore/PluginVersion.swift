/// The version of the plugin, which is that of the bridge it was built with.
public enum PluginVersion {
    /// The version of this build.
    public static let current = "0.1.0"
}
