import CMosquitto

/// The C library below this module.
public enum MosquittoLibrary {
    /// The version of libmosquitto that is linked, such as `2.0.11`.
    public static let version: String = {
        var major: Int32 = 0
        var minor: Int32 = 0
        var revision: Int32 = 0
        unsafe mosquitto_lib_version(&major, &minor, &revision)
        return "\(major).\(minor).\(revision)"
    }()

    /// The library's global state is set up once and stays until the process ends: its own
    /// reference count is not safe from several threads.
    static let isInitialized = mosquitto_lib_init() == 0
}
