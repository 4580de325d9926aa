import BrokerFixture
import DatabaseFixture
import Presence

/// What `presence-bridge cluster` says of the bridges that share a database.
struct ClusterState: Sendable {
    /// The states of each bridge's processes, those of the past among them.
    var states: [String: [String]] = [:]
    /// Who owns the store; `nil` where nobody does.
    var owner: String?

    /// Asks for it.
    static func read(from database: DatabaseServer) async throws -> ClusterState {
        let arguments = ["cluster", "--json", "--store", database.uri]
        return try ClusterState(await Child.run(BridgeHost.executable, arguments))
    }

    /// Reads the answer.
    init(_ json: String) throws {
        let value = try JSONValue(parsing: Array(json.utf8)).object
        for bridge in value?["bridges"]?.array ?? [] {
            let bridge = bridge.object
            states[bridge?["id"]?.string ?? "", default: []].append(bridge?["state"]?.string ?? "")
        }
        owner = value?["shards"]?.array?.first?.object?["owner"]?.string
    }
}
