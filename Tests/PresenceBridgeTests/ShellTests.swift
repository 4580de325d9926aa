import Logging
import Mosquitto
import PresenceCore
import PresenceStore
import Testing

@testable import PresenceBridge

@Suite("The shell")
struct ShellTests {
    @Test(
        "After a pause that nobody asked for all device topics are read again, and after no other",
        arguments: [
            (1_001, 0, true), (1_000, 0, false), (5_000, 5_000, false), (5_000, 1_000, true),
        ]
    )
    func stall(_ pause: Int64, _ asked: Int64, _ isStall: Bool) throws {
        let notepad = Notepad()
        let log = Logger(label: "shell") { _ in SwiftLogNoOpLogHandler() }
        let shell = try Shell(
            Configuration.load(Configuration.Origin(arguments: ["--metrics_interval", "0"])),
            store: SQLiteStore(path: ":memory:", synchronous: .normal),
            dial: { _ throws(MosquittoError) in notepad },
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 10_000, unix: 1_700_000_000_000),
            log: log
        )
        var now = Instant(uptime: 10_000, unix: 1_700_000_000_000)
        _ = shell.turn(at: now)
        notepad.events = [.connected(Acknowledgement())]
        // The question who serves and the marker of each reading come back, behind nothing.
        for _ in 1...10 {
            _ = shell.turn(at: now)
            notepad.events = notepad.published.filter {
                $0.topic.contains("/$bridge/") || $0.topic.hasSuffix("/duty")
                    || $0.topic.hasSuffix("/retained")
            }
            .map(Event.message)
            notepad.published = []
        }
        #expect(notepad.subscribed.contains("presence/request/+/+/+"), "it serves")
        notepad.subscribed = []
        now = Instant(uptime: now.uptime + pause, unix: now.unix + pause)
        if asked > 0 { shell.hasWaited(pause, insteadOf: asked) }
        _ = shell.turn(at: now)
        #expect(notepad.subscribed.contains("presence/device/+/+") == isStall)
    }
}
