import Mosquitto
import PresenceCore

/// A call of the broker beside the bridge's own: with the same settings, under a client id that
/// nobody else has, and without a will.
///
/// Whoever calls waits.
struct SideCall {
    /// Why there is no connection.
    struct Failure: Error {
        let cause: Calls.Cause
        /// The same for the operator.
        let words: String
        /// The broker's certificate in DER, where the call was made to look at it.
        let certificate: [UInt8]?
    }

    /// A connection that stands, and what the broker has said of itself.
    struct Answered {
        let connection: Connection
        let acknowledgement: Acknowledgement
    }

    private static let packetsPerTurn = 1_024

    private var calls: Calls
    /// How long the broker may take to answer, in milliseconds.
    private let patience: Int64

    init(_ broker: Settings.Broker, patience: Int64 = 10_000) {
        calls = Calls(broker, started: .now, random: SystemRandomNumberGenerator())
        self.patience = patience
    }

    /// Calls the broker, in the older version of MQTT where it does not take the newer one.
    ///
    /// - Parameter change: Changes what the call is made with.
    mutating func connect(
        _ waker: Waker,
        _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) throws(Failure) -> Answered {
        while true {
            let cause: Calls.Cause
            var certificate: [UInt8]?
            do throws(MosquittoError) {
                var options = calls.optionsBeside()
                change(&options)
                let connection = try Connection(options)
                try connection.connect()
                switch greet(connection, waker) {
                case .success(let acknowledgement):
                    calls.stand()
                    return Answered(connection: connection, acknowledgement: acknowledgement)
                case .failure(let silence): cause = silence.cause
                }
                certificate = connection.certificate
            } catch {
                cause = .notCalled(error)
            }
            let (_, words) = calls.rest(for: cause, at: Instant.now.uptime)
            if let words {
                throw Failure(cause: cause, words: words, certificate: certificate)
            }
        }
    }

    private struct Silence: Error {
        let cause: Calls.Cause
    }

    /// Awaits the answer to a call.
    private func greet(
        _ connection: Connection,
        _ waker: Waker
    ) -> Result<Acknowledgement, Silence> {
        let end = Instant.now.uptime + patience
        while Instant.now.uptime < end {
            _ = connection.read(limit: Self.packetsPerTurn)
            connection.write()
            for event in connection.takeEvents() {
                switch event {
                case .connected(let acknowledgement): return .success(acknowledgement)
                case .refused(let refusal): return .failure(Silence(cause: .refused(refusal)))
                case .closed(let closure): return .failure(Silence(cause: .hungUp(closure)))
                default: continue
                }
            }
            waker.wait(
                for: connection.fileDescriptor,
                toWrite: connection.wantsWrite,
                milliseconds: 100
            )
        }
        return .failure(Silence(cause: .unanswered))
    }
}
