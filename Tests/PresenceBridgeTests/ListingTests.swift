import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Device topics that are listed over a connection beside")
struct ListingTests {
    private static let everyDevice = "presence/device/+/+"
    private static let question = LinkOrder.send(.unsubscribe([everyDevice]))

    /// A bridge that was asked for the names.
    private static func listing() throws -> LinkRig {
        var rig = try LinkRig.serving()
        rig.hear("$SYS/broker/uptime", "100 seconds", retain: true)
        rig.forget()
        rig.handle(.decided(.read(9, .names)))
        return rig
    }

    private static func options(_ order: LinkOrder?) -> ConnectionOptions? {
        if case .call(let options)? = order { options } else { nil }
    }

    @Test("Connections follow one another until one brings nothing")
    func whole() throws {
        var rig = try Self.listing()
        let first = try #require(Self.options(rig.beside.first))
        let served = try #require(rig.calls.last)
        #expect(first.clientID == served.clientID + "-names" && first.will == nil)
        #expect(first.cleanStart && first.sessionExpiry > 0 && first.receiveMaximum == 65_535)
        rig.forget()
        rig.connectBeside()
        let subscription = Subscription(kept: [Self.everyDevice])
        #expect(subscription.options.qos == 1)
        #expect(rig.beside == [.send(.subscribe(subscription)), Self.question])
        rig.hearBeside("presence/device/u1/phone", "presence/device/u2/phone")
        rig.answerBeside()
        #expect(rig.beside.last == Self.question, "what has come is acknowledged behind the first")
        rig.answerBeside()
        #expect(rig.beside.last == .disconnect(.success))
        for device in ["presence/device/u3/phone", nil] {
            rig.handle(.side(.happened(.closed(.byUs))))
            let next = try #require(Self.options(rig.beside.last))
            #expect(!next.cleanStart && next.clientID == first.clientID)
            rig.beside = []
            rig.connectBeside(isPresent: true)
            #expect(rig.beside == [Self.question], "the session has the rest")
            if let device { rig.hearBeside(device) }
            rig.answerBeside()
            if device != nil { rig.answerBeside() }
        }
        #expect(rig.beside.last == .hangUp)
        let keys = (1...3).map {
            Input.deviceListed(DeviceKey(Name(checked: "u\($0)"), Name(checked: "phone")))
        }
        #expect(rig.told == keys + [.readingEnded(9)])
        #expect(rig.lines == [] && rig.nextStep > rig.now.uptime)
    }

    @Test(
        "One that comes to nothing is told as cut, and why",
        arguments: [
            [.notCalled(.tls("x"))], [.happened(.refused(.serverUnavailable))],
            [.happened(.closed(.lost("x")))],
            [
                .happened(.connected(Acknowledgement())),
                .happened(.subscribed(packetID: 1, granted: [.notAuthorized])),
            ],
            [.happened(.connected(Acknowledgement())), .happened(.closed(.lost("x")))],
        ] as [[LinkInput]]
    )
    func failures(_ inputs: [LinkInput]) throws {
        var rig = try Self.listing()
        for input in inputs { rig.handle(.side(input)) }
        rig.expectCut()
    }

    @Test("So is one for which the broker keeps no session")
    func noSession() throws {
        var rig = try Self.listing()
        rig.connectBeside()
        rig.hearBeside("presence/device/u1/phone")
        rig.answerBeside()
        rig.answerBeside()
        rig.handle(.side(.happened(.closed(.byUs))))
        rig.told = []
        rig.connectBeside()
        rig.expectCut()
    }

    @Test("So is one of which some were retained with QoS 0, where the broker had to drop any")
    func unkept() throws {
        var rig = try Self.listing()
        for round in 0...2 {
            rig.connectBeside(isPresent: round > 0)
            if round < 2 { rig.hearBeside("presence/device/u1/phone", qos: UInt8(round)) }
            rig.answerBeside()
            rig.answerBeside()
            rig.handle(.side(.happened(.closed(.byUs))))
        }
        rig.told.removeAll { if case .deviceListed = $0 { true } else { false } }
        rig.expectCut()
    }

    @Test("An UNSUBSCRIBE that is not answered is sent again, and a late answer does not count")
    func lostAnswer() throws {
        var rig = try Self.listing()
        rig.connectBeside()
        let first = rig.besidePacket
        rig.beside = []
        rig.step(after: 19)
        #expect(rig.beside == [])
        rig.step(after: 1)
        #expect(rig.beside == [Self.question])
        rig.handle(.side(.happened(.unsubscribed(packetID: first))))
        #expect(rig.told == [])
        rig.answerBeside()
        #expect(rig.told == [.readingEnded(9)], "nothing is retained")
    }

    @Test("A broker that says nothing more is given up, and so is one that goes on for ever")
    func patience() throws {
        var rig = try Self.listing()
        rig.step(after: 10_000)
        #expect(rig.told == [])
        rig.step(after: 1)
        rig.expectCut()
        rig = try Self.listing()
        rig.connectBeside()
        for _ in 0..<7 {
            rig.step(after: 9_000)
            rig.hearBeside("presence/device/u1/phone")
        }
        rig.told.removeAll { if case .deviceListed = $0 { true } else { false } }
        rig.expectCut()
    }

    @Test("Where it cannot be done nobody is called", arguments: [true, false])
    func refused(_ isOld: Bool) throws {
        var rig = try LinkRig.serving(isOld ? ["--mqtt_version", "3.1.1"] : [])
        if isOld { rig.hear("$SYS/broker/uptime", "100 seconds", retain: true) }
        rig.forget()
        rig.handle(.decided(.read(9, .names)))
        #expect(rig.beside == [] && rig.told == [.readingCut(9), .readingEnded(9)])
    }

    @Test("It ends with the connection that the bridge serves by")
    func end() throws {
        var rig = try Self.listing()
        rig.connectBeside()
        rig.forget()
        rig.handle(.happened(.closed(.lost("x"))))
        #expect(rig.beside == [.hangUp] && rig.told == [.brokerLost])
        rig.handle(.side(.happened(.closed(.byUs))))
        #expect(rig.beside == [.hangUp] && rig.told == [.brokerLost])
    }

    @Test("Another one begins anew, and the one before counts as cut")
    func anew() throws {
        var rig = try Self.listing()
        rig.handle(.decided(.read(10, .names)))
        rig.told = Array(rig.told.prefix(2))
        rig.connectBeside()
        rig.answerBeside()
        #expect(rig.told == [.readingCut(9), .readingEnded(9), .readingEnded(10)])
    }
}

extension LinkRig {
    fileprivate mutating func connectBeside(isPresent: Bool = false) {
        var acknowledgement = Acknowledgement()
        acknowledgement.sessionPresent = isPresent
        handle(.side(.happened(.connected(acknowledgement))))
    }

    fileprivate mutating func hearBeside(_ topics: String..., qos: UInt8 = 1) {
        for topic in topics {
            let message = Message(topic: topic, payload: "online", qos: qos, retain: true)
            handle(.side(.happened(.message(message))))
        }
    }

    /// The broker answers the last UNSUBSCRIBE.
    fileprivate mutating func answerBeside() {
        handle(.side(.happened(.unsubscribed(packetID: besidePacket))))
    }

    /// The listing was given up, with a reason.
    fileprivate func expectCut(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(told == [.readingCut(9), .readingEnded(9)], sourceLocation: sourceLocation)
        #expect(beside.last == .hangUp, sourceLocation: sourceLocation)
        let isSaid = lines.contains { $0.contains("not all listed") }
        #expect(isSaid, sourceLocation: sourceLocation)
    }
}
