import BrokerFixture
import CMosquitto
import Glibc

/// The least that a client of libmosquitto can do to answer: no JSON, no store, no decision.
///
/// It runs the library's external loop, as the bridge does, with the same limits.
final class Responder {
    /// What it answers, and where.
    enum Duty: String, Sendable {
        /// `bench/request/USER/DEVICE/OPERATION`, on `bench/response/USER/DEVICE`, with the quality
        /// of service of the request.
        case echo
        /// `bench/device/USER/DEVICE`, retained on `bench/status/USER`.
        case retain
    }

    private let duty: Duty
    private let answer: [UInt8]
    private let handle: OpaquePointer
    private var answered = 0

    /// - Parameter answerSize: how many bytes an answer has.
    init(_ duty: Duty, answerSize: Int) throws {
        self.duty = duty
        answer = [UInt8](repeating: UInt8(ascii: "x"), count: answerSize)
        mosquitto_lib_init()
        guard let handle = mosquitto_new("bench-responder", true, nil) else {
            throw FixtureError("libmosquitto makes no client: \(String(cString: strerror(errno)))")
        }
        self.handle = handle
    }

    deinit { mosquitto_destroy(handle) }

    /// Answers until the broker goes.
    func serve(port: Int32) throws {
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5)
        mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, 65_535)
        mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, 100)
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        mosquitto_username_pw_set(handle, "bench", nil)
        mosquitto_message_v5_callback_set(handle) { _, data, message, _ in
            guard let data, let message = message?.pointee else { return }
            Unmanaged<Responder>.fromOpaque(data).takeUnretainedValue().respond(to: message)
        }
        mosquitto_subscribe_v5_callback_set(handle) { _, _, _, _, _, _ in
            print("ready")
            fflush(nil)
        }
        try check(mosquitto_connect(handle, "127.0.0.1", port, 60))
        let filter = duty == .echo ? "bench/request/+/+/+" : "bench/device/+/+"
        try check(mosquitto_subscribe(handle, nil, filter, duty == .echo ? 1 : 0))
        try loop()
    }

    private func loop() throws {
        while true {
            let events = mosquitto_want_write(handle) ? POLLIN | POLLOUT : POLLIN
            var socket = pollfd(fd: mosquitto_socket(handle), events: Int16(events), revents: 0)
            poll(&socket, 1, 1_000)
            if socket.revents & Int16(POLLIN) != 0 { try read() }
            if mosquitto_want_write(handle) { try check(mosquitto_loop_write(handle, 1)) }
            try check(mosquitto_loop_misc(handle))
        }
    }

    /// Reads packets until the socket is empty, or for so many: the answers are written together.
    private func read() throws {
        for _ in 0..<256 {
            let before = answered
            errno = 0
            try check(mosquitto_loop_read(handle, 1))
            if answered == before, errno == EAGAIN { return }
        }
    }

    private func respond(to message: mosquitto_message) {
        answered += 1
        let levels = String(cString: message.topic).split(separator: "/", maxSplits: 4)
        let topic =
            duty == .echo
            ? "bench/response/\(levels[2])/\(levels[3])" : "bench/status/\(levels[2])"
        _ = mosquitto_publish(
            handle,
            nil,
            topic,
            Int32(answer.count),
            answer,
            duty == .echo ? message.qos : 1,
            duty == .retain
        )
    }

    private func check(_ code: Int32) throws {
        guard code == 0 else { throw FixtureError(String(cString: mosquitto_strerror(code))) }
    }
}
