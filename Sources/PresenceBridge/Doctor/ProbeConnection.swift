import Mosquitto
import PresenceCore

/// A connection of the doctor's, on which it asks something and waits for what comes of it, for
/// seconds at most.
final class ProbeConnection {
    /// How long the broker may take for anything, in milliseconds.
    static let patience: Int64 = 3_000
    /// How long what the broker lets through may take to come, in milliseconds, once the broker has
    /// acknowledged it.
    static let delivery: Int64 = 1_500
    /// What probes say.
    static let payload = Array("doctor".utf8)
    private static let packetsPerTurn = 1_024

    /// What became of a publish.
    enum Publication: Equatable {
        /// The broker has acknowledged it; by MQTT 3.1.1 that says nothing of rights.
        case acknowledged(ReasonCode)
        /// It could not be sent, or the connection ended over it, or nothing came back.
        case failed(String)

        var isRefused: Bool {
            if case .acknowledged(let code) = self { code.isFailure } else { true }
        }
    }

    let acknowledgement: Acknowledgement
    let version: ProtocolVersion
    let clientID: String
    /// The broker's certificate in DER, with TLS.
    let certificate: [UInt8]?
    /// What has come, oldest first.
    private(set) var messages: [Message] = []
    private var acknowledged: [Int32: ReasonCode] = [:]
    private var granted: [Int32: [ReasonCode]] = [:]
    /// Why the connection is over; `nil` while it stands.
    private(set) var end: String?

    private var connection: Connection?
    private let waker: Waker
    private var ticked = Instant.now.uptime

    init(_ answered: SideCall.Answered, _ waker: Waker) {
        connection = answered.connection
        acknowledgement = answered.acknowledgement
        version = answered.connection.options.protocolVersion
        clientID = answered.connection.options.clientID
        certificate = answered.connection.certificate
        self.waker = waker
    }

    deinit {
        leave()
    }

    // MARK: - Waiting

    /// Reads and writes until something is so, or the time is over; returns whether it is so.
    @discardableResult
    func wait(_ milliseconds: Int64 = patience, until isSo: () -> Bool) -> Bool {
        let until = Instant.now.uptime + milliseconds
        while true {
            let isMore = turn()
            if isSo() { return true }
            let now = Instant.now.uptime
            guard now < until, end == nil, let connection else { return false }
            guard !isMore else { continue }
            waker.wait(
                for: connection.fileDescriptor,
                toWrite: connection.wantsWrite,
                milliseconds: min(until - now, 250)
            )
        }
    }

    /// Returns whether there may be more to read.
    private func turn() -> Bool {
        guard let connection else { return false }
        if Instant.now.uptime - ticked >= 1_000 {
            connection.tick()
            ticked = Instant.now.uptime
        }
        let isMore = connection.read(limit: Self.packetsPerTurn)
        connection.write()
        for event in connection.takeEvents() {
            switch event {
            case .message(let message): messages.append(message)
            case .published(let packet, let reason): acknowledged[packet] = reason
            case .subscribed(let packet, let codes): granted[packet] = codes
            case .closed(let closure): end = "\(closure)"
            case .refused(let refusal): end = "\(refusal)"
            case .connected, .unsubscribed: break
            }
        }
        return isMore
    }

    // MARK: - Asking

    /// Publishes and waits for the acknowledgement: with QoS 1, whatever the message says.
    @discardableResult
    func publish(_ message: Message) -> Publication {
        let outcomes = publish([message])
        return outcomes.first ?? .failed("nothing was published")
    }

    /// Publishes messages with QoS 1, one behind the other, and waits until all are acknowledged.
    func publish(_ messages: [Message], within milliseconds: Int64 = patience) -> [Publication] {
        let until = Instant.now.uptime + milliseconds
        var packets: [Result<Int32, MosquittoError>] = []
        for var message in messages {
            message.qos = 1
            packets.append(send(message))
            // So that no more than some 1,000 messages wait in the library.
            if packets.count.isMultiple(of: 500) {
                wait(until - Instant.now.uptime) { connection?.unacknowledged ?? 0 < 1_000 }
            }
        }
        let sent = packets.compactMap { try? $0.get() }
        wait(until - Instant.now.uptime) { sent.allSatisfy { acknowledged[$0] != nil } }
        return packets.map { packet in
            switch packet {
            case .success(let packet):
                if let code = acknowledged.removeValue(forKey: packet) {
                    return .acknowledged(code)
                }
                return .failed(end ?? "the broker has not acknowledged it")
            case .failure(let error): return .failed("\(error)")
            }
        }
    }

    private func send(_ message: Message) -> Result<Int32, MosquittoError> {
        guard let connection else { return .failure(.notConnected) }
        do throws(MosquittoError) {
            return .success(try connection.publish(message))
        } catch {
            return .failure(error)
        }
    }

    /// Subscribes; returns what the broker has said of each filter, and nothing where it has not
    /// answered.
    func subscribe(_ filters: [String], qos: UInt8 = 1) -> [ReasonCode] {
        guard let connection,
            let packet = try? connection.subscribe(
                filters,
                options: SubscriptionOptions(qos: qos),
                identifier: nil
            )
        else { return filters.map { _ in .unspecified } }
        wait { granted[packet] != nil }
        return granted.removeValue(forKey: packet) ?? filters.map { _ in .unspecified }
    }

    /// Waits until each of the topics has brought something with the payload; returns those that
    /// have.
    func heard(
        _ topics: [String],
        _ payload: [UInt8],
        within milliseconds: Int64 = delivery
    ) -> Set<String> {
        let topics = Set(topics)
        var heard: Set<String> = []
        var looked = 0
        wait(milliseconds) {
            for message in messages[looked...]
            where message.payload == payload && topics.contains(message.topic) {
                heard.insert(message.topic)
            }
            looked = messages.count
            return heard.isSuperset(of: topics)
        }
        return heard
    }

    // MARK: - Its end

    /// Ends it in order.
    func leave() {
        guard let connection, end == nil else { return }
        connection.disconnect(reason: .success)
        for _ in 0..<10 where end == nil { _ = turn() }
        self.connection = nil
    }

    /// Closes the socket as a device does whose battery is empty: the broker publishes the will.
    func drop() { connection = nil }
}
