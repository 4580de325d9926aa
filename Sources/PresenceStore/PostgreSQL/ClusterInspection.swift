import PostgreSQL

/// The bridges that share a store in a database, as its tables tell.
public struct ClusterInspection: Hashable, Sendable {
    /// One of the bridges.
    public struct Bridge: Hashable, Sendable {
        /// Its id.
        public let id: String
        /// Whether it serves; else it stands by, or has not begun yet.
        public let serves: Bool
        /// How long ago its last sign of life was, in milliseconds of the database's clock.
        public let silence: Int64
        /// After how long a silence it counts as gone, in milliseconds.
        public let lease: Int64
        /// The Unix second at which its process was there first.
        public let begun: Int64
    }

    /// Some of the users, which one bridge owns: in this version all of them.
    public struct Shard: Hashable, Sendable {
        /// Its number.
        public let number: Int64
        /// The bridge that owns it; `nil` where none does.
        public let owner: String?
        /// How often it has got an owner.
        public let term: Int64
        /// The Unix second at which it got the last one; `nil` where it never had one.
        public let taken: Int64?
    }

    /// How long the database may take, in milliseconds.
    private static let patience: Int64 = 5_000

    /// The bridges, by id.
    public let bridges: [Bridge]
    /// The shards, by number.
    public let shards: [Shard]

    /// Reads the tables, and changes nothing.
    public static func read(_ address: DatabaseAddress) throws(StoreError) -> ClusterInspection {
        do {
            let deadline = Deadline(in: patience)
            let session = try address.connect(by: deadline)
            let found = DatabaseTables(address: address, connection: session)
            guard try found.find(by: deadline).hasTables else {
                throw StoreError.readFailed(
                    path: address.shown,
                    reason: "no bridge has made its tables yet"
                )
            }
            let tables = try session.run(
                [
                    SQLStatement(
                        """
                        SELECT id, serves, \(Membership.silence), lease, \
                        extract(epoch FROM begun)::bigint FROM bridge ORDER BY id, incarnation
                        """
                    ),
                    SQLStatement(
                        """
                        SELECT id, owner, term, extract(epoch FROM taken)::bigint FROM shard ORDER BY id
                        """
                    ),
                ],
                by: deadline
            )
            return ClusterInspection(
                bridges: try bridges(PostgreSQLRows(tables[0])),
                shards: try shards(PostgreSQLRows(tables[1]))
            )
        } catch {
            throw StoreError(error, doing: .reading, path: address.shown)
        }
    }

    private static func bridges(_ rows: PostgreSQLRows) throws -> [Bridge] {
        var bridges: [Bridge] = []
        while try rows.next() {
            bridges.append(
                Bridge(
                    id: try rows.text(0, "bridge.id"),
                    serves: try rows.integer(1, "bridge.serves") != 0,
                    silence: try rows.integer(2, "bridge.seen"),
                    lease: try rows.integer(3, "bridge.lease"),
                    begun: try rows.integer(4, "bridge.begun")
                )
            )
        }
        return bridges
    }

    private static func shards(_ rows: PostgreSQLRows) throws -> [Shard] {
        var shards: [Shard] = []
        while try rows.next() {
            shards.append(
                Shard(
                    number: try rows.integer(0, "shard.id"),
                    owner: try rows.optionalText(1, "shard.owner"),
                    term: try rows.integer(2, "shard.term"),
                    taken: try rows.optionalInteger(3, "shard.taken")
                )
            )
        }
        return shards
    }
}
