import BrokerFixture

/// The Python for which the system's packages are installed.
enum Python {
    static let path = "/usr/bin/python3"

    /// Whether it has the module of paho's client.
    static let hasPaho: Bool = {
        let output = try? Child.runBlocking(path, ["-c", "import paho.mqtt; print('yes')"])
        return output == "yes\n"
    }()

    /// Whether it is one that the pinned packages of real programs are made for.
    static let isThatOfPrograms: Bool = {
        let line = "import sys; print(sys.version_info[:2] in [(3, 11), (3, 12)])"
        let output = try? Child.runBlocking(path, ["-c", line])
        return output == "True\n"
    }()
}
