import BrokerFixture
import Foundation
import Presence
import PresencePluginCore
import Testing

@testable import PresenceBridge

@Suite("What the doctor's checks conclude")
struct DoctorCheckTests {
    private static let hour: Int64 = 3_600_000

    @Test(
        "Of clocks no more is said than an answer proves that took its time",
        arguments: [
            // The plugin's time, when it was heard, after how long, and how far the clocks are
            // apart at least.
            (1_000_000, 1_000_000, 0, 0), (1_000_000, 1_000_200, 300, 0),
            (1_000_000, 1_000_500, 300, -200),
            (1_000_300, 1_000_000, 300, 300), (1_000_000 + hour, 1_000_000, 10, hour),
            (1_000_000, 1_000_000 + hour, 10, 10 - hour), (.max, -1_000, 10, .max),
            (.min, 1_000, 10, .min + 10),
        ] as [(Int64, Int64, Int64, Int64)]
    )
    func clock(_ time: Int64, _ heard: Int64, _ delay: Int64, _ skew: Int64) throws {
        #expect(PluginReport.skew(of: time, heard: heard, delay: delay) == skew)
    }

    @Test("A clock that is off by more than a few seconds is wrong, with how far and whither")
    func skew() throws {
        let examination = Examination(try Configuration.load(.init()), Doctor.Options())
        guard case .wrong(let words, let remedy) = examination.judge(skew: 2 * Self.hour) else {
            Issue.record("a clock two hours ahead is taken for right")
            return
        }
        #expect(words == "the broker's clock is 7200 s ahead of this machine's")
        #expect(remedy.line.contains("timedatectl"))
        guard case .wrong(let late, _) = examination.judge(skew: -6_000) else {
            Issue.record("a clock six seconds behind is taken for right")
            return
        }
        #expect(late.contains("6 s behind"))
        guard case .sound = examination.judge(skew: -5_000) else {
            Issue.record("five seconds are taken for wrong")
            return
        }
        guard case .wrong = examination.judge(skew: .min) else {
            Issue.record("no clock is so far off, and it is taken for right")
            return
        }
    }

    @Test("The plugin's version is the bridge's")
    func versions() {
        #expect(PluginVersion.current == Version.current)
    }

    @Test(
        "mosquitto's file is read with its comments, its folders, and the last of what stands twice"
    )
    func brokerFile() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.file("conf.d"),
            withIntermediateDirectories: false
        )
        try folder.write("max_queued_messages 5000\n", to: "conf.d/presence.conf")
        try folder.write("max_queued_messages 1\n", to: "conf.d/presence.conf.old")
        let path = try folder.write(
            """
            # persistence false
            persistence   true
            \tautosave_interval\t30\u{20}
            autosave_interval 60
            include_dir \(folder.file("conf.d"))
            listener
            """,
            to: "mosquitto.conf"
        )
        let file = BrokerFile(path: path)
        #expect(file.fault == nil)
        #expect(file["persistence"] == "true")
        #expect(file["autosave_interval"] == "60")
        #expect(file["max_queued_messages"] == "5000")
        #expect(file["listener"] == nil)
        let missing = BrokerFile(path: folder.file("missing.conf"))
        #expect(missing.fault?.contains("No such file or directory") == true)
    }

    @Test("What cannot be read of the broker's file is said, since a key may stand there")
    func unreadableBrokerFile() throws {
        let folder = try TemporaryFolder()
        let (none, conf) = (folder.file("none"), folder.file("conf.d"))
        let path = try folder.write("include_dir \(none)\n", to: "mosquitto.conf")
        #expect(BrokerFile(path: path).fault == "'\(none)' cannot be read")
        // A folder has the name of a file that is to be included.
        try FileManager.default.createDirectory(
            atPath: conf + "/a.conf",
            withIntermediateDirectories: true
        )
        let other = try folder.write("include_dir \(conf)\n", to: "other.conf")
        let fault = BrokerFile(path: other).fault
        #expect(fault?.hasPrefix("'\(conf)/a.conf' cannot be read: ") == true)
    }

    @Test("The names of checks are unlike each other, and a line is one line, whatever is in it")
    func names() {
        let names = Check.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil })
        let finding = Finding(
            check: "login",
            outcome: .wrong,
            words: "the broker said \u{1B}[2J\nthat",
            remedy: .init("mosquitto.conf", "a\nb")
        )
        #expect(
            finding.line == "✗ login               the broker said  [2J that → mosquitto.conf: a b"
        )
        #expect(
            Finding.json([finding])
                == #"[{"check":"login","outcome":"wrong","words":"the broker said \u001b[2J\nthat","#
                + #""file":"mosquitto.conf","line":"a\nb"}]"#
        )
        #expect(Finding.json([]) == "[]")
    }
}
