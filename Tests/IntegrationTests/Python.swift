import BrokerFixture

/// The Python for which the system's packages are installed.
enum Python {
    static let path = "/usr/bin/python3"

    /// Whether it has the module of paho's client.
    static let hasPaho: Bool = {
        let output = try? Child.runBlocking(path, ["-c", "import paho.mqtt; print('yes')"])
        return output == "yes\n"
    }()
}
