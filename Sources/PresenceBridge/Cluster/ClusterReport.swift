import Presence
import PresenceStore

/// The bridges that share a store, in words for the operator and as JSON.
public struct ClusterReport {
    /// Why there is none.
    public struct Failure: Error, CustomStringConvertible {
        /// One sentence, or a few.
        public let description: String
        /// Whether the configuration names no database.
        public let namesNoDatabase: Bool
    }

    private let cluster: ClusterInspection
    private let stamp: (Int64) -> String

    /// Reads the database that the configuration names.
    ///
    /// - Parameter stamp: Writes a Unix second as date and time of here.
    public init(_ settings: Settings, stamp: @escaping (Int64) -> String) throws(Failure) {
        guard let database = settings.store.database else {
            throw Failure(
                description:
                    "the store is a file, which one bridge has to itself; bridges share a database: docs/postgresql.md",
                namesNoDatabase: true
            )
        }
        do throws(StoreError) {
            cluster = try ClusterInspection.read(database)
        } catch {
            throw Failure(description: "\(error)", namesNoDatabase: false)
        }
        self.stamp = stamp
    }

    /// A table of the bridges, and one of the shards.
    public var text: String {
        var rows = [["BRIDGE", "STATE", "LAST SIGN", "LEASE", "SINCE"]]
        for bridge in cluster.bridges {
            rows.append([
                bridge.id.onOneLine, state(of: bridge), "\(Self.seconds(bridge.silence)) ago",
                Self.seconds(bridge.lease), stamp(bridge.begun),
            ])
        }
        var shards = [["SHARD", "OWNER", "TERM", "SINCE"]]
        for shard in cluster.shards {
            shards.append([
                "\(shard.number)", shard.owner?.onOneLine ?? "-", "\(shard.term)",
                shard.taken.map(stamp) ?? "-",
            ])
        }
        return Self.table(rows) + "\n" + Self.table(shards)
    }

    /// `{"bridges":[{"id":"a","state":"serves","silence":412,"lease":5000,"begun":1700000000}],
    /// "shards":[{"shard":0,"owner":"a","term":7,"taken":1700000000}]}`: times are Unix seconds, the others
    /// milliseconds.
    public var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("bridges")
        json.beginArray()
        for bridge in cluster.bridges {
            json.beginObject()
            json.member("id", bridge.id)
            json.member("state", state(of: bridge))
            json.member("silence", bridge.silence)
            json.member("lease", bridge.lease)
            json.member("begun", bridge.begun)
            json.endObject()
        }
        json.endArray()
        json.key("shards")
        json.beginArray()
        for shard in cluster.shards {
            json.beginObject()
            json.member("shard", shard.number)
            json.member("owner", shard.owner)
            json.member("term", shard.term)
            json.member("taken", shard.taken)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private func state(of bridge: ClusterInspection.Bridge) -> String {
        if bridge.silence > bridge.lease { return "silent" }
        if bridge.serves { return "serves" }
        let owns = cluster.shards.contains { $0.owner == bridge.id }
        return owns ? "begins" : "stands by"
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let tenths = max(0, milliseconds) / 100
        return tenths.isMultiple(of: 10) ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }

    private static func table(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in cell.padded(to: width) }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
