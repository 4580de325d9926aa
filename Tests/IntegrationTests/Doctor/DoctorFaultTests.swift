import BrokerFixture
import Foundation
import Presence
import Testing

/// `presence-bridge doctor` at brokers that are wrong in one way each: it finds that, and nothing
/// else.
@Suite("The doctor at brokers that are wrong in one way each")
struct DoctorFaultTests {
    /// A broker that is wrong, what is found, and what is to be changed.
    struct Fault: CustomTestStringConvertible, Sendable {
        let name: String
        /// The checks that find it.
        let checks: Set<String>
        let words: String
        let line: String
        var user: String?
        var more: [String] = []
        var flags: [String: String] = [:]
        let change: @Sendable (inout BrokerOptions) -> Void

        var testDescription: String { name }
    }

    /// The rights of the shipped list, with one line instead of another.
    private static func replacing(
        _ line: String,
        by other: String
    ) -> @Sendable (inout BrokerOptions) -> Void {
        { options in options.acl = options.acl?.replacing(line, with: other) }
    }

    /// What the bridge may do, without one of its rights.
    private static func without(_ kind: String) -> @Sendable (inout BrokerOptions) -> Void {
        let kinds = ["device", "status", "request", "response", "event", "bridge"]
        let lines = kinds.filter { $0 != kind }.map { "topic readwrite presence/\($0)/#" }
        return replacing("topic readwrite presence/#", by: lines.joined(separator: "\n"))
    }

    static let faults: [Fault] = [
        Fault(
            name: "no right to the topics of devices",
            checks: ["right-device"],
            words: "the broker refuses what the bridge publishes to presence/device/#",
            line: "topic readwrite presence/device/#",
            change: without("device")
        ),
        Fault(
            name: "no right to write statuses",
            checks: ["right-status"],
            words: "presence/status/#",
            line: "topic readwrite presence/status/#",
            change: replacing(
                "topic readwrite presence/#",
                by: """
                    topic readwrite presence/device/#
                    topic readwrite presence/request/#
                    topic write presence/response/#
                    topic write presence/event/#
                    topic readwrite presence/bridge/#
                    topic read presence/status/#
                    """
            )
        ),
        Fault(
            name: "no right to write statuses, by MQTT 3.1.1, which tells of neither",
            checks: ["right-status"],
            words: "presence/status/# does not come back: it may not write it, or not read it",
            line: "topic readwrite presence/status/#",
            flags: ["mqtt_version": "3.1.1"],
            change: without("status")
        ),
        Fault(
            name: "a list that filters what SUBACK has granted",
            checks: ["right-request"],
            words: "grants the subscription to presence/request/# and sends nothing",
            line: "topic readwrite presence/request/#",
            change: replacing(
                "topic readwrite presence/#",
                by: """
                    topic readwrite presence/device/#
                    topic write presence/request/#
                    topic write presence/response/#
                    topic write presence/event/#
                    topic readwrite presence/bridge/#
                    topic readwrite presence/status/#
                    """
            )
        ),
        Fault(
            name: "no right to write events",
            checks: ["right-event"],
            words: "presence/event/#",
            line: "topic write presence/event/#",
            change: without("event")
        ),
        Fault(
            name: "no right to what bridges say",
            checks: ["right-bridge"],
            words: "presence/bridge/#",
            line: "topic readwrite presence/bridge/#",
            change: without("bridge")
        ),
        Fault(
            name: "no $SYS",
            checks: ["uptime"],
            words: "sys_interval 0",
            line: "sys_interval 10",
            change: { $0.sysInterval = 0 }
        ),
        Fault(
            name: "$SYS too seldom",
            checks: ["uptime"],
            words: "less often than each 10 s",
            line: "sys_interval 10",
            change: { $0.sysInterval = 60 }
        ),
        Fault(
            name: "no right to the uptime",
            checks: ["uptime"],
            words: "the bridge has no right to read it",
            line: "topic read $SYS/broker/uptime",
            change: replacing("topic read $SYS/broker/uptime", by: "")
        ),
        Fault(
            name: "no retained messages",
            checks: ["retained"],
            words: "keeps no retained messages",
            line: "retain_available true",
            change: { $0.extra = "retain_available false" }
        ),
        Fault(
            name: "a small queue",
            checks: ["queue"],
            words: "drops what is more than",
            line: "max_queued_messages 5000000",
            change: { $0.extra = "max_queued_messages 1000" }
        ),
        Fault(
            name: "small packets",
            checks: ["packet-size"],
            words: "packets of 100000 bytes",
            line: "max_packet_size 4194304",
            change: { $0.extra = "max_packet_size 100000" }
        ),
        Fault(
            name: "small messages",
            checks: ["message-size"],
            words: "takes no message of",
            line: "message_size_limit 0",
            change: { $0.extra = "message_size_limit 100000" }
        ),
        Fault(
            name: "no login is needed",
            checks: ["anonymous"],
            words: "who has no login is let in, and may state",
            line: "allow_anonymous false",
            change: {
                $0.allowsAnonymous = true
                $0.acl = "topic readwrite presence/#\n" + ($0.acl ?? "")
            }
        ),
        Fault(
            name: "any password will do",
            checks: ["passwords", "anonymous"],
            words: "any name, with any password",
            line: "password_file PATH",
            change: {
                $0.users = [:]
                $0.acl = nil
            }
        ),
    ]

    @Test("It finds what is wrong, and nothing else", arguments: faults)
    func broker(_ fault: Fault) async throws {
        try await examine(fault)
    }

    private func examine(_ fault: Fault) async throws {
        let service = try await Service.examined { options in
            fault.change(&options)
            // The rights are what is tried: without a list the plugin would stand in its place.
            if options.acl != nil { options.acl?.append("\n# \(fault.name)\n") }
        }
        defer { service.end() }
        let report = try await service.doctor(fault.flags, user: fault.user, fault.more)
        #expect(report.wrong == fault.checks, "\(report.output)")
        #expect(report.exit == .code(1))
        let found = fault.checks.first { report.words($0).contains(fault.words) }
        let check = try #require(found, "\(report.output)")
        #expect(report.line(check).contains(fault.line), "\(report.line(check))")
        #expect(!report.file(check).isEmpty)
    }

    /// What users may do beyond, or short of, what the shipped list gives them.
    static let rights: [Fault] = [
        Fault(
            name: "a user may state that others are online",
            checks: ["user-device-other"],
            words: "another user's device is online",
            line: "pattern write presence/device/%u/+",
            user: "alice",
            change: replacing(
                "pattern write presence/device/%u/+",
                by: "pattern write presence/device/+/+"
            )
        ),
        Fault(
            name: "a user may write for one other user",
            checks: ["user-device-other"],
            words: "another user's device is online",
            line: "pattern write presence/device/%u/+",
            user: "alice",
            more: ["--other", "bob"],
            change: { $0.acl?.append("\nuser alice\ntopic write presence/device/bob/+\n") }
        ),
        Fault(
            name: "a user may write everything",
            checks: [
                "user-device-other", "user-request-other", "user-write-bridge", "user-read-other",
            ],
            words: "what is the bridge's alone to write",
            line: "pattern write presence/device/%u/+",
            user: "alice",
            change: { $0.acl?.append("\nuser alice\ntopic readwrite presence/#\n") }
        ),
        Fault(
            name: "a user may not state anything",
            checks: ["user-device", "user-will"],
            words: "may not state that its device is online",
            line: "pattern write presence/device/%u/+",
            user: "alice",
            change: replacing("pattern write presence/device/%u/+", by: "")
        ),
        Fault(
            name: "a user does not hear its events",
            checks: ["user-event"],
            words: "may not read its events",
            line: "pattern read presence/event/%u",
            user: "alice",
            change: replacing("pattern read presence/event/%u", by: "")
        ),
        Fault(
            name: "a user does not hear its answers",
            checks: ["user-response"],
            words: "may not read what it is answered",
            line: "pattern read presence/response/%u/#",
            user: "alice",
            change: replacing("pattern read presence/response/%u/#", by: "")
        ),
        Fault(
            name: "a user may not ask",
            checks: ["user-request"],
            words: "may not ask the bridge",
            line: "pattern write presence/request/%u/+/+",
            user: "alice",
            change: replacing("pattern write presence/request/%u/+/+", by: "")
        ),
        Fault(
            name: "a user that the broker does not know",
            checks: ["user-login"],
            words: "no connection in the name of 'zoe'",
            line: "mosquitto_passwd",
            user: "zoe",
            change: { _ in }
        ),
    ]

    @Test("It finds what a user may do and must not, and the other way round", arguments: rights)
    func user(_ fault: Fault) async throws {
        try await examine(fault)
    }

    @Test("Who may read all statuses is told, and is not wrong")
    func openStatuses() async throws {
        let service = try await Service.examined {
            $0.acl?.append("\npattern read presence/status/+\n")
        }
        defer { service.end() }
        let report = try await service.doctor(user: "alice")
        #expect(report.exit == .code(0), "\(report.output)")
        #expect(report.outcome("user-status-other") == "untold")
        #expect(report.words("user-status-other").contains("pattern read presence/status/+"))
    }

    @Test(
        "A broker that forgets is found by its file, and by what the bridge has seen of a restart"
    )
    func persistence() async throws {
        let service = try await Service.examined(startsBridge: true)
        defer { service.end() }
        let file = service.broker.folder.file("mosquitto.conf")
        let looked = try await service.doctor([:], ["--broker-config", file, "--queue", "10"])
        #expect(looked.wrong == ["persistence"], "\(looked.output)")
        #expect(looked.file("persistence") == file)
        #expect(looked.line("persistence").contains("persistence true"))
        let changes = try service.broker.folder.write(
            "persistence true\nautosave_interval 30\nautosave_on_changes true\n"
                + "max_queued_messages 5000000\n",
            to: "changes.conf"
        )
        let counted = try await service.doctor([:], ["--broker-config", changes])
        #expect(counted.wrong == ["persistence"], "\(counted.output)")
        #expect(counted.words("persistence").contains("after each 30 changes"))
        #expect(counted.line("persistence").contains("autosave_on_changes false"))
        let blind = try await service.doctor()
        #expect(blind.outcome("persistence") == "untold")
        try await service.broker.restart()
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        try await eventually("the store knows", log: service.bridgeLog) {
            try await service.doctor().outcome("persistence") == "wrong" ? true : nil
        }
    }
}
