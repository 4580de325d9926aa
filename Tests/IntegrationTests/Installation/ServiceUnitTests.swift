import BrokerFixture
import Foundation
import Testing

@Suite(
    "The unit, as systemd reads it",
    .enabled(if: Program.isInstalled("systemd-analyze"), "there is no systemd-analyze")
)
struct ServiceUnitTests {
    private let folder: TemporaryFolder
    private let unit: String

    init() throws {
        folder = try TemporaryFolder()
        let file = SourceFile.root.appending(path: "examples/presence-bridge.service")
        let text = try String(contentsOf: file, encoding: .utf8)
        // systemd looks whether the program is there.
        let bridge = "\(Installation.built)/presence-bridge"
        unit = try folder.write(
            text.replacing("/usr/local/bin/presence-bridge", with: bridge),
            to: "presence-bridge.service"
        )
    }

    @Test("Each line is understood")
    func lines() async throws {
        let child = try Child("systemd-analyze", ["verify", "--man=no", unit])
        #expect(try await child.wait() == .code(0), "\(child.errors)")
        #expect(!child.errors.contains("presence-bridge"), "\(child.errors)")
    }

    @Test("It is exposed to little: less than 2 of 10")
    func exposure() async throws {
        let child = try Child(
            "systemd-analyze",
            ["security", "--offline=true", "--threshold=20", "--no-pager", unit]
        )
        #expect(try await child.wait() == .code(0), "\(child.output.suffix(200))\(child.errors)")
    }
}
