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
        let notepad = RecordingTransport()
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
            notepad.events = notepad.echoes
            notepad.published = []
        }
        #expect(notepad.subscribed.contains("presence/request/+/+/+"), "it serves")
        notepad.subscribed = []
        now = Instant(uptime: now.uptime + pause, unix: now.unix + pause)
        if asked > 0 { shell.hasWaited(pause, insteadOf: asked) }
        _ = shell.turn(at: now)
        #expect(notepad.subscribed.contains("presence/device/+/+") == isStall)
    }
    @Test(
        "A bridge that gives way in any turn does nothing more for the connection that it has left",
        arguments: 1...8
    )
    func givesWay(_ round: Int) throws {
        var notepads: [RecordingTransport] = []
        let logbook = RecordedLog()
        let shell = try Shell(
            Configuration.load(Configuration.Origin(arguments: ["--metrics_interval", "1"])),
            store: SQLiteStore(path: ":memory:", synchronous: .normal),
            dial: { _ throws(MosquittoError) in
                let notepad = RecordingTransport()
                notepads.append(notepad)
                return notepad
            },
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 10_000, unix: 1_700_000_000_000),
            log: logbook.logger
        )
        let now = Instant(uptime: 10_000, unix: 1_700_000_000_000)
        _ = shell.turn(at: now)
        notepads[0].events = [.connected(Acknowledgement())]
        let other = BridgeProcessID(bridge: "other", nonce: "x", started: 1)
        let word = Message(
            topic: "presence/bridge/other/duty",
            payload: DutyMessage(.serving, other, since: 1).payload
        )
        for turn in 1...round {
            if turn == round { notepads[0].events.append(.message(word)) }
            _ = shell.turn(at: now)
            guard turn < round else { break }
            notepads[0].events = notepads[0].echoes
            notepads[0].published = []
        }
        let hasGivenWay = logbook.lines(.error).contains { $0.contains("gives way") }
        #expect(hasGivenWay == (notepads.count == 2))
        guard let next = notepads.dropFirst().first else {
            #expect(round < 3, "it had not begun to serve")
            return
        }
        #expect(next.subscribed == [] && next.published.isEmpty)
        // On the next connection it stands by, and says nothing of itself.
        next.events = [.connected(Acknowledgement())]
        _ = shell.turn(at: now)
        let later = Instant(uptime: now.uptime + 2_000, unix: now.unix + 2_000)
        next.events = [.message(word)]
        _ = shell.turn(at: later)
        #expect(!next.subscribed.contains("presence/request/+/+/+"))
        #expect(!next.published.contains { $0.topic.contains("/metrics/") })
        #expect(!next.published.contains { $0.topic == "presence/bridge/presence-bridge" })
    }

    @Test(
        "A bridge that has lost its store, or does not know, says nothing on its connection",
        arguments: [true, false]
    )
    func lost(isKnown: Bool) throws {
        var notepads: [RecordingTransport] = []
        let store = try LosableStore()
        let shell = try Shell(
            Configuration.load(Configuration.Origin(arguments: ["--metrics_interval", "0"])),
            store: store,
            dial: { _ throws(MosquittoError) in
                let notepad = RecordingTransport()
                notepads.append(notepad)
                return notepad
            },
            random: SystemRandomNumberGenerator(),
            started: Instant(uptime: 10_000, unix: 1_700_000_000_000),
            log: Logger(label: "shell") { _ in SwiftLogNoOpLogHandler() }
        )
        let now = Instant(uptime: 10_000, unix: 1_700_000_000_000)
        _ = shell.turn(at: now)
        let notepad = notepads[0]
        notepad.events = [.connected(Acknowledgement())]
        for _ in 1...10 {
            _ = shell.turn(at: now)
            notepad.events = notepad.echoes
            notepad.published = []
        }
        let other = BridgeProcessID(bridge: "other", nonce: "x", started: 1)
        let question = Message(
            topic: "presence/bridge/other/duty",
            payload: DutyMessage(.asking, other, since: 1).payload
        )
        notepad.events = [.message(question)]
        _ = shell.turn(at: now)
        #expect(
            notepad.published.contains { $0.topic.hasSuffix("/duty") },
            "it serves, and says so"
        )
        notepad.published = []
        notepad.events = [.message(question)]
        if isKnown { store.loss = .displaced(path: "a store") } else { store.isConfirmed = false }
        _ = shell.turn(at: now)
        #expect(notepad.published.isEmpty)
        // Where it does not know, it asks on another connection.
        #expect(notepads.count == (isKnown ? 1 : 2))
    }
}
