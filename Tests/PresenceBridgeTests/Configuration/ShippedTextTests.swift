import Foundation
import Testing

@testable import PresenceBridge

@Suite("The shipped configuration")
struct ShippedTextTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let file = root.appending(path: "bridge.conf")
    private static let chapter = root.appending(path: "docs/configuration.md")
    private static let isUpdate = ProcessInfo.processInfo.environment["UPDATE_SHIPPED_TEXT"] == "1"

    @Test("bridge.conf is what the registry says")
    func fileMatches() throws {
        if Self.isUpdate {
            try ShippedText.file.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == ShippedText.file)
    }

    @Test("bridge.conf names every key exactly once, in order, with its default or what it sets")
    func fileIsComplete() throws {
        let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
        let keys = lines.filter { !$0.hasPrefix("# ") && $0 != "#" }
        let expected = Setting.all.map { setting in
            if let shipped = setting.shipped { return "\(setting.key) \(shipped)" }
            return "#" + setting.key + (setting.defaultText.map { " \($0)" } ?? "")
        }
        #expect(keys.map(String.init) == expected)
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test("bridge.conf sets the username alone, and the defaults with every value uncommented")
    func fileIsTheDefault() throws {
        let bytes = Array(try Data(contentsOf: Self.file))
        let entries = ConfigurationFile(path: "bridge.conf", bytes: bytes).entries
        #expect(entries.map { [$0.key, $0.value] } == [["username", "presence-bridge"]])

        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let active = lines.filter { $0.hasPrefix("#") && !$0.hasPrefix("# ") && $0.contains(" ") }
            .map { $0.dropFirst() }
        var reader = ConfigurationReader()
        let text = active.joined(separator: "\n")
        reader.read(ConfigurationFile(path: "bridge.conf", bytes: Array(text.utf8)))
        reader.check()
        #expect(reader.problems.isEmpty)
        #expect(reader.settings == Settings())
        #expect(reader.sources.count == Setting.all.count { $0.defaultText != nil })
    }

    @Test("The chapter on configuration has the registry's table")
    func chapterMatches() throws {
        var text = try String(contentsOf: Self.chapter, encoding: .utf8)
        let start = try #require(text.range(of: "<!-- keys -->\n")).upperBound
        let end = try #require(text.range(of: "<!-- end of keys -->")).lowerBound
        if Self.isUpdate {
            text.replaceSubrange(start..<end, with: "\n" + ShippedText.table + "\n")
            try text.write(to: Self.chapter, atomically: true, encoding: .utf8)
        } else {
            #expect(text[start..<end] == "\n" + ShippedText.table + "\n")
        }
    }

    @Test("--help names every key with its default")
    func help() {
        let lines = Setting.help.split(separator: "\n")
        for setting in Setting.all {
            #expect(lines.contains("  --\(setting.key) \(setting.defaultText ?? "VALUE")"))
        }
        let words = Setting.help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for setting in Setting.all {
            #expect(words.contains("\(setting.meaning) Allowed: \(setting.allowed)."))
        }
        #expect(lines.allSatisfy { $0.count <= 78 })
    }

    @Test("The registry has all keys, in this order")
    func keys() {
        let expected = """
            host port username password password_file bridge_id mqtt_version cafile certfile keyfile
            tls_insecure keepalive broker_plugin topic_prefix store store_password_file store_schema
            lease store_sync max_subscriptions max_usernames max_watchers max_devices max_expiry default_expiry max_description
            max_message offline_grace logout_grace broker_restart broker_restart_grace
            audit_interval device_forget_after forget_after event_interval event_expiry event_qos
            request_rate request_burst device_rate device_burst allow_subscribe_all allow_online
            allow_watchers history_keep history_rows http_listen http_tokens http_connections
            http_rate webhook webhook_secret_file webhook_cafile webhook_events webhook_batch
            webhook_delay webhook_keep webhook_rows metrics_interval log_level
            """
        #expect(
            Setting.all.map(\.key)
                == expected.split(whereSeparator: \.isWhitespace).map(String.init)
        )
    }
}
