import BrokerFixture
import Glibc

/// One MQTT client of a swarm: a socket, what is to be written to it, and what was read in part.
final class Peer {
    let socket: Int32
    private(set) var output: [UInt8] = []
    private var written = 0
    private var rest: [UInt8] = []
    private var lastPacket: UInt16 = 0

    /// Whether the broker has accepted it.
    private(set) var isAccepted = false
    /// How many SUBSCRIBEs and publishes of QoS 1 the broker has not acknowledged.
    private(set) var unacknowledged = 0
    /// Whether it waits in the swarm to be written.
    var isDirty = false

    /// Whether something is still to be written.
    var wantsWrite: Bool { written < output.count }

    init(port: UInt16) throws {
        guard let socket = Ports.connect(port) else {
            throw FixtureError("the broker on port \(port) takes no more connections")
        }
        self.socket = socket
        var on: Int32 = 1
        setsockopt(
            socket,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &on,
            socklen_t(MemoryLayout<Int32>.size)
        )
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(socket) }

    /// Puts a packet behind those that wait.
    func send(_ packet: [UInt8]) { output += packet }

    /// Puts a packet with a number of its own behind those that wait, and counts it until it is
    /// acknowledged.
    func sendNumbered(isCounted: Bool = true, _ packet: (UInt16) -> [UInt8]) {
        lastPacket = lastPacket == .max ? 1 : lastPacket + 1
        if isCounted { unacknowledged += 1 }
        output += packet(lastPacket)
    }

    /// Writes as much as the socket takes.
    func write() throws {
        while wantsWrite {
            let count = output.withUnsafeBytes {
                Glibc.send(
                    socket,
                    $0.baseAddress.map { $0 + written },
                    $0.count - written,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else {
                guard errno == EAGAIN || errno == EINTR else { throw ended() }
                return
            }
            written += count
        }
        output.removeAll(keepingCapacity: output.count < 1 << 20)
        written = 0
    }

    /// Reads what there is, through a buffer that all share, and hands out the messages.
    func read(
        through buffer: UnsafeMutableRawBufferPointer,
        _ body: (_ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) -> Void
    ) throws {
        let kept = rest.count
        rest.withUnsafeBytes { buffer.copyMemory(from: $0) }
        let count = recv(socket, buffer.baseAddress.map { $0 + kept }, buffer.count - kept, 0)
        guard count > 0 else {
            guard count < 0, errno == EAGAIN || errno == EINTR else { throw ended() }
            return
        }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(kept + count)])
        let used = try take(bytes, body)
        rest.removeAll(keepingCapacity: true)
        rest += bytes[used...]
    }

    /// Takes the whole packets in front; returns how many bytes those were.
    private func take(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) throws -> Int {
        var start = 0
        while start + 2 <= bytes.count {
            var place = start + 1
            var length = 0
            var shift = 0
            var isWhole = false
            while place < bytes.count, !isWhole {
                length |= Int(bytes[place] & 0x7F) << shift
                isWhole = bytes[place] & 0x80 == 0
                shift += 7
                place += 1
            }
            guard isWhole, place + length <= bytes.count else { break }
            let packet = UnsafeRawBufferPointer(rebasing: bytes[place..<(place + length)])
            try take(packet, first: bytes[start], body)
            start = place + length
        }
        return start
    }

    private func take(
        _ packet: UnsafeRawBufferPointer,
        first: UInt8,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) throws {
        switch Packet.Kind(rawValue: first >> 4) {
        case .connectAcknowledgement:
            guard packet[1] == 0 else {
                throw FixtureError("the broker refuses a client with \(packet[1])")
            }
            isAccepted = true
        case .publish:
            let topicEnd = 2 + word(packet, at: 0)
            var start = topicEnd
            if first & 0b110 != 0 {
                start += 2
                output += Packet.acknowledgement(of: UInt16(word(packet, at: topicEnd)))
            }
            body(
                UnsafeRawBufferPointer(rebasing: packet[2..<topicEnd]),
                UnsafeRawBufferPointer(rebasing: packet[start...])
            )
        case .publishAcknowledgement: unacknowledged -= 1
        case .subscribeAcknowledgement:
            unacknowledged -= 1
            if packet[2...].contains(0x80) {
                throw FixtureError("the broker refuses a subscription")
            }
        case nil: throw FixtureError("the broker sends a packet of kind \(first >> 4)")
        }
    }

    private func word(_ packet: UnsafeRawBufferPointer, at place: Int) -> Int {
        Int(packet[place]) << 8 | Int(packet[place + 1])
    }

    private func ended() -> FixtureError {
        FixtureError("the broker has ended a connection: \(String(cString: strerror(errno)))")
    }
}
