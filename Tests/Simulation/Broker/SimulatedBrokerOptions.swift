/// What a simulated broker is set to, and how it behaves where brokers differ.
///
/// The defaults are those of mosquitto 2.0.11.
package struct SimulatedBrokerOptions: Sendable {
    /// What becomes of the will of a connection whose client identifier another one takes.
    package enum TakeOverWill: Sendable {
        /// It is published before the new connection is accepted.
        case beforeAcknowledgement
        /// It is never published.
        case none
        /// It is published so many milliseconds later.
        case late(ClosedRange<Int64>)
    }

    /// How many messages wait for one client, beyond those that are on their way to it.
    package var maxQueued = 1_000
    /// How many messages of QoS 1 and 2 are unacknowledged, for a client that names no Receive Maximum.
    package var maxInflight = 20
    /// The Receive Maximum that the broker names; `nil` for none.
    package var receiveMaximum: UInt16? = 20
    /// How many packets for one client fit into the buffers of the kernel.
    package var socketBuffer = 200
    /// How often the broker publishes below `$SYS`, in seconds; 0 for never.
    package var sysInterval: Int64 = 10
    /// How long a packet is on its way, in milliseconds.
    package var latency: ClosedRange<Int64> = 0...3
    /// Whether retained messages outlive the broker.
    package var persistence = true
    /// What becomes of the will at a take-over.
    package var takeOverWill = TakeOverWill.beforeAcknowledgement
    /// Whether a client of MQTT 5 is told that its connection was taken over.
    package var announcesTakeOver = false
    /// Whether every will is published when the broker is stopped.
    package var willsBeforeShutdown = true
    /// Whether the plugin is loaded.
    package var hasPlugin = false
    /// How many retained messages a filter brings at most, as with ejabberd; `nil` for all.
    package var retainedLimit: Int?
    /// Whether it handles all packets of a connection in one turn that have arrived together, as
    /// mosquitto 2.1 does: what the plugin publishes goes out in the next turn.
    package var takesSeveralPackets = false
    /// By how many seconds it takes the time of its start too late.
    ///
    /// mosquitto 2.1 takes it after it has loaded its file, and publishes an uptime below zero as an
    /// unsigned number of 64 bits.
    package var startLag: Int64 = 0
    /// Whether the broker speaks MQTT 5.
    package var supportsV5 = true
    /// A client that reads more slowly than the broker writes; `nil` for none.
    package var slowReader: SlowReader?

    /// A client that reads nothing while the broker writes at one go.
    ///
    /// It may have much to do for each message. What neither the buffers nor the queue for it hold is
    /// dropped, also of what is retained.
    package struct SlowReader: Sendable {
        /// How its client identifier begins.
        package var prefix: String
        /// How many packets for it fit into the buffers of the kernel.
        package var socketBuffer: Int
        /// How many messages wait for it beyond those.
        package var maxQueued: Int

        /// A client, by how its client identifier begins.
        package init(prefix: String, socketBuffer: Int, maxQueued: Int) {
            self.prefix = prefix
            self.socketBuffer = socketBuffer
            self.maxQueued = maxQueued
        }
    }

    /// A broker like mosquitto 2.0.11.
    package init() {}

    /// Options that differ from the defaults by what the closure sets.
    package init(_ change: (inout SimulatedBrokerOptions) -> Void) {
        change(&self)
    }
}
