import Presence
import Testing

@Suite("What the bridge asks of the plugin")
struct ControlMessageTests {
    @Test("A greeting is read, with or without a line feed")
    func hello() throws {
        #expect(try read(#"{"hello":1}"#) == .hello(asksForStated: false))
        #expect(try read("{\"hello\":1}\n") == .hello(asksForStated: false))
    }

    @Test("A fan-out is a line, and behind it the payload as it is")
    func fanOut() throws {
        let text = "{\"fanout\":[\"alice\",\"bob\"],\"qos\":0,\"expiry\":60}\n[{\"a\":1}]\n"
        guard case .fanOut(let message) = try read(text) else { throw Missing() }
        #expect(message.names.map(\.text) == ["alice", "bob"])
        #expect(message.qos == 0 && message.expiry == 60)
        #expect(Array(text.utf8)[message.payload].elementsEqual("[{\"a\":1}]\n".utf8))
    }

    @Test(
        "Without qos and expiry it is QoS 1 and is kept for ever; without a line feed it is empty"
    )
    func defaults() throws {
        guard case .fanOut(let message) = try read(#"{"fanout":[]}"#) else { throw Missing() }
        #expect(message.qos == 1 && message.expiry == nil && message.payload.isEmpty)
    }

    @Test(
        "What is wrong is refused with a reason",
        arguments: [
            ("", "its first line is no JSON object"),
            ("[]\n", "its first line is no JSON object"),
            ("{\"fanout\":\n[]}", "its first line is no JSON object"),
            ("{}", "its first line has neither hello nor a list fanout"),
            (#"{"hello":2}"#, "its hello is not 1"),
            (#"{"fanout":"alice"}"#, "its first line has neither hello nor a list fanout"),
            (#"{"fanout":["a/b"]}"#, "its list fanout has something that is no name of a user"),
            (#"{"fanout":[7]}"#, "its list fanout has something that is no name of a user"),
            (#"{"fanout":[],"qos":2}"#, "its qos is neither 0 nor 1"),
            (#"{"fanout":[],"qos":"1"}"#, "its qos is neither 0 nor 1"),
            (#"{"fanout":[],"expiry":0}"#, "its expiry is no number of seconds"),
            (#"{"fanout":[],"expiry":4294967296}"#, "its expiry is no number of seconds"),
            (#"{"fanout":[],"expiry":-1}"#, "its expiry is no number of seconds"),
        ]
    )
    func wrong(_ text: String, _ reason: String) {
        let fault = #expect(throws: ControlMessage.Fault.self) { try read(text) }
        #expect(fault?.reason == reason)
    }

    @Test("Too many names, too long a line and too many bytes are refused")
    func bounds() {
        let many = (0...ControlMessage.mostNames).map { "\"u\($0)\"" }.joined(separator: ",")
        #expect(throws: ControlMessage.Fault.self) { try read("{\"fanout\":[\(many)]}\n") }
        let blanks = String(repeating: " ", count: ControlMessage.longestLine)
        #expect(throws: ControlMessage.Fault.self) { try read("{\"hello\":1\(blanks)}\n") }
        let most = (1...ControlMessage.mostNames).map { "\"u\($0)\"" }.joined(separator: ",")
        let payload = String(repeating: "x", count: 7_000)
        #expect(throws: ControlMessage.Fault.self) {
            try read("{\"fanout\":[\(most)]}\n\(payload)")
        }
        #expect(throws: Never.self) {
            try read("{\"fanout\":[\(most)]}\n\(payload.dropLast(1_000))")
        }
    }

    @Test("What a bridge writes is what the plugin reads, whatever the names are")
    func written() throws {
        let names = ["alice", #"a"b\c"#, "ü 😀"].map { Name(checked: $0) }
        for (qos, expiry) in [(0, nil), (1, 60), (1, UInt32.max)] as [(UInt8, UInt32?)] {
            let (bytes, count) = write("[1,\n2]", to: names, qos: qos, expiry: expiry)
            guard case .fanOut(let message) = try ControlMessage(reading: bytes.span) else {
                throw Missing()
            }
            #expect(count == 3 && message.names == names)
            #expect(message.qos == Int32(qos) && message.expiry == expiry)
            #expect(bytes[message.payload].elementsEqual("[1,\n2]".utf8))
        }
        let question = ControlMessage.question
        #expect(try ControlMessage(reading: question.span) == .hello(asksForStated: false))
    }

    @Test(
        "A message is written to as many as its bounds allow, the first of them",
        arguments: [(4, 1_000_000, 10_000, 4), (99, 39, 10_000, 3), (99, 1_000_000, 120, 5)]
    )
    func writtenWithin(_ names: Int, _ bytes: Int, _ length: Int, _ expected: Int) throws {
        var bounds = ControlMessage.Bounds(length: length)
        (bounds.names, bounds.bytes) = (names, bytes)
        let watchers = (10..<40).map { Name(checked: "watcher\($0)") }
        let (message, count) = write("0123456789", to: watchers[5...], within: bounds)
        #expect(count == expected && message.count <= length)
        guard case .fanOut(let read) = try ControlMessage(reading: message.span) else {
            throw Missing()
        }
        #expect(read.names == Array(watchers[5..<(5 + count)]))
    }

    @Test("A bridge can ask to be told when all is on its way, and gets no longer messages by it")
    func done() throws {
        for asks in [true, false] {
            for length in [120, 200] {
                let (bytes, count) = ControlMessage.fanOut(
                    of: Array("[1]".utf8),
                    to: (10..<40).map { Name(checked: "watcher\($0)") }[...],
                    qos: 1,
                    expiry: .max,
                    asksForDone: asks,
                    within: ControlMessage.Bounds(length: length)
                )
                guard case .fanOut(let message) = try ControlMessage(reading: bytes.span) else {
                    throw Missing()
                }
                #expect(message.asksForDone == asks && count > 0 && bytes.count <= length)
            }
        }
        #expect(throws: ControlMessage.Fault.self) { try read(#"{"fanout":[],"done":1}"#) }
    }

    @Test("The plugin's answers are what a bridge reads, and another version's are none")
    func answers() {
        for answer in [
            ControlMessage.Answer.greeting(isOvertaken: false), .greeting(isOvertaken: true), .done,
            .stated([DeviceKey(Name(checked: "bob"), Name(checked: "a"))]), .stated([]),
            .about(ControlMessage.About(version: "0.1.0", time: 1_700_000_000_000)),
        ] {
            #expect(ControlMessage.Answer(reading: answer.payload) == answer)
        }
        for other in [#"{"fanout":2}"#, "{}", "", "1", #"{"done":false}"#, #"{"fanout":true}"#] {
            #expect(ControlMessage.Answer(reading: Array(other.utf8)) == nil, "\(other)")
        }
    }

    @Test("The plugin can be asked about itself, and whoever does not know the question greets")
    func about() throws {
        let question = ControlMessage.questionOfItself
        #expect(try ControlMessage(reading: question.span) == .about)
        #expect(try read(#"{"hello":1,"about":false}"#) == .hello(asksForStated: false))
        #expect(throws: ControlMessage.Fault.self) { try read(#"{"hello":1,"about":1}"#) }
        for other in [#"{"version":"1"}"#, #"{"time":1}"#, #"{"version":1,"time":1}"#] {
            #expect(ControlMessage.Answer(reading: Array(other.utf8)) == nil, "\(other)")
        }
    }

    @Test("A bridge can ask what was stated, and whoever does not know the question is greeted")
    func statedQuestion() throws {
        let question = ControlMessage.questionOfStated
        #expect(try ControlMessage(reading: question.span) == .hello(asksForStated: true))
        #expect(try read(#"{"hello":1,"stated":false}"#) == .hello(asksForStated: false))
        let fault = #expect(throws: ControlMessage.Fault.self) {
            try read(#"{"hello":1,"stated":1}"#)
        }
        #expect(fault?.reason == "its stated is neither true nor false")
    }

    @Test("Devices are named in as many messages as they take, each once and in their order")
    func stated() {
        let devices = (10..<90).map { number in
            DeviceKey(Name(checked: #"u"\#(number)"#), Name(checked: "\u{301}ü \(number)"))
        }
        for longest in [1, 100, 1_000, 60_000] {
            let messages = ControlMessage.Answer.stated(devices, longest: longest)
            #expect(messages.allSatisfy { $0.count <= max(longest, 60) })
            #expect(messages.count == [1: 80, 100: 20, 60_000: 1][longest] ?? messages.count)
            let read = messages.flatMap { message -> [DeviceKey] in
                guard case .stated(let some)? = ControlMessage.Answer(reading: message) else {
                    return []
                }
                return some
            }
            #expect(read == devices)
        }
        #expect(ControlMessage.Answer.stated([]) == [])
    }

    @Test(
        "A list with anything that is no device is none",
        arguments: ["1", #""bob""#, #""bob/a/b""#, #""/a""#, #""bob/""#, #""$b/a""#, "null"]
    )
    func notStated(_ text: String) {
        let payload = Array(#"{"stated":["bob/a",\#(text)]}"#.utf8)
        #expect(ControlMessage.Answer(reading: payload) == nil)
    }

    @Test("Where not even one fits, none is in it")
    func writtenToNone() {
        let bounds = ControlMessage.Bounds(length: 60)
        #expect(write("0123456789", to: [Name(checked: "alice")], within: bounds).count == 0)
    }

    private func write(
        _ payload: String,
        to names: some Collection<Name>,
        qos: UInt8 = 1,
        expiry: UInt32? = 60,
        within bounds: ControlMessage.Bounds = ControlMessage.Bounds(length: 65_536)
    ) -> (bytes: [UInt8], count: Int) {
        ControlMessage.fanOut(
            of: Array(payload.utf8),
            to: Array(names)[...],
            qos: qos,
            expiry: expiry,
            within: bounds
        )
    }

    @discardableResult
    private func read(_ text: String) throws -> ControlMessage {
        let bytes = Array(text.utf8)
        return try ControlMessage(reading: bytes.span)
    }
}

private struct Missing: Error {}
