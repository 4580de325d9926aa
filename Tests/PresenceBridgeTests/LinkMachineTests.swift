import Mosquitto
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("When the broker is called, and when no more")
struct LinkMachineTests {
    @Test("A call is made at once, with the will that says that the bridge is away")
    func call() throws {
        var rig = try LinkRig(["--host", "10.0.0.1", "--port", "1884"])
        #expect(rig.phase == .resting(until: 0) && rig.nextStep == 0)
        rig.step(after: 5)
        #expect(rig.phase == .connecting(since: 5) && rig.nextStep == 10_006)
        let options = try #require(rig.calls.first)
        #expect(options.host == "10.0.0.1" && options.port == 1_884)
        #expect(options.protocolVersion == .v5)
        #expect(options.will?.payload == BridgeState.offline && options.will?.retain == true)
        rig.step(after: 10_000)
        #expect(rig.calls.count == 1 && rig.phase == .connecting(since: 5))
        rig.step(after: 1)
        guard case .resting(let until) = rig.phase else {
            Issue.record("\(rig.phase)")
            return
        }
        #expect(until > rig.now.uptime && rig.nextStep == until)
        #expect(rig.orders == [.hangUp] && rig.lines.count == 1)
        rig.step(after: until - rig.now.uptime)
        #expect(rig.calls.count == 2)
    }

    @Test(
        "Whatever a call comes to, the next one is in the version that may work, at once or after a pause",
        arguments: [
            ([.happened(.refused(.unsupportedProtocolVersion))], .v311, true),
            ([.happened(.closed(.protocolViolation("x")))], .v311, true),
            ([.happened(.refused(.serverUnavailable))], .v5, false),
            ([.happened(.closed(.lost("x")))], .v5, false),
            ([.happened(.closed(.lost("x"))), .happened(.closed(.lost("x")))], .v5, false),
            (
                [LinkInput](repeating: .happened(.closed(.lost("x"))), count: 3), .v311, true
            ),
            ([.happened(.closed(.unreachable("x")))], .v5, false),
            ([.notCalled(.tls("x"))], .v5, false),
            // Neither works.
            (
                [
                    .happened(.refused(.unsupportedProtocolVersion)),
                    .happened(.refused(.unsupportedProtocolVersion)),
                ], .v5, false
            ),
        ] as [([LinkInput], ProtocolVersion, Bool)]
    )
    func failures(_ failures: [LinkInput], _ version: ProtocolVersion, _ isAtOnce: Bool) throws {
        var rig = try LinkRig()
        for failure in failures {
            rig.step(after: 10_000)
            rig.handle(failure)
        }
        guard case .resting(let until) = rig.phase else {
            Issue.record("\(rig.phase)")
            return
        }
        #expect((until == rig.now.uptime) == isAtOnce)
        rig.step(after: 10_000)
        #expect(rig.calls.last?.protocolVersion == version)
        // None of them was a connection.
        #expect(rig.told == [])
    }

    @Test(
        "A call that fails again and again for the same reason is complained of once, until one is answered"
    )
    func complaints() throws {
        var rig = try LinkRig()
        for _ in 1...3 {
            rig.step(after: 10_000)
            rig.handle(.happened(.closed(.unreachable("x"))))
        }
        #expect(rig.lines.count == 1)
        rig.step(after: 10_000)
        rig.handle(.happened(.connected(Acknowledgement())), .happened(.closed(.unreachable("x"))))
        #expect(rig.lines.count == 3, "\(rig.lines)")
    }

    @Test(
        "A connection that is over is said to be lost, and what it was for is forgotten",
        arguments: [.lost("x"), .byServer(.sessionTakenOver), .byUs] as [Closure]
    )
    func over(_ closure: Closure) throws {
        var rig = try LinkRig.serving()
        rig.handle(.decided(.retain(.status(Name(checked: "a")), [1])))
        let id = rig.calls[0].clientID
        rig.handle(.happened(.closed(closure)))
        #expect(rig.told == [.brokerLost] && rig.orders == [.hangUp])
        rig.forget()
        rig.handle(.decided(.retain(.status(Name(checked: "a")), [1])))
        rig.handle(.counted(name: "uptime", value: "1"))
        rig.pump()
        #expect(rig.topics == [])
        rig.step(after: 10_000)
        // Somebody else had this one, and can have it again.
        #expect((rig.calls[1].clientID == id) == (closure != .byServer(.sessionTakenOver)))
        #expect(!rig.lines.contains { $0.contains(id) })
    }

    @Test("Whoever is connected keeps alive each second, and has nothing else to do")
    func alive() throws {
        var rig = try LinkRig.serving()
        rig.step(after: 999)
        #expect(rig.orders == [] && rig.nextStep == 1_000)
        rig.step(after: 1)
        #expect(rig.orders == [.keepAlive] && rig.nextStep == 2_000)
    }

    // MARK: - The end

    @Test(
        "A bridge that ends says that it is away, once, when all is sent",
        arguments: [
            (["--mqtt_version", "5"], true, ReasonCode.disconnectWithWill, 0),
            (["--mqtt_version", "3.1.1"], true, .success, 1),
            (["--mqtt_version", "5"], false, .success, 0),
        ]
    )
    func farewell(
        _ arguments: [String],
        _ serves: Bool,
        _ reason: ReasonCode,
        _ words: Int
    ) throws {
        var rig = try serves ? LinkRig.serving(arguments) : LinkRig.connected(arguments)
        rig.forget()
        rig.leaveIfDone()
        #expect(rig.orders == [], "nobody has asked for it")
        rig.leave(by: 2_000)
        rig.leaveIfDone(unacknowledged: 1)
        #expect(rig.orders == [])
        rig.leaveIfDone()
        #expect(rig.orders == [.disconnect(reason)])
        #expect(rig.ahead.map(\.payload) == [[UInt8]](repeating: BridgeState.offline, count: words))
        rig.leaveIfDone()
        #expect(rig.orders.count == 1)
        rig.handle(.happened(.closed(.byUs)))
        rig.step(after: 60_000)
        #expect(rig.calls.count == 1, "nobody is called any more")
    }

    @Test("It waits for what was decided, but not longer than it may, and what waits then is lost")
    func lastWords() throws {
        var rig = try LinkRig.serving { $0.receiveMaximum = 1 }
        for user in ["a", "b"] {
            rig.handle(.decided(.retain(.status(Name(checked: user)), [1])))
        }
        rig.pump()
        #expect(rig.topics == ["presence/status/a"])
        rig.leave(by: 2_000)
        rig.leaveIfDone()
        #expect(rig.orders == [], "one waits")
        rig.now = Instant(uptime: 2_000, unix: 0)
        rig.leaveIfDone(unacknowledged: 1)
        #expect(rig.orders == [.disconnect(.disconnectWithWill)])
        rig.acknowledge()
        rig.pump()
        #expect(rig.topics == ["presence/status/a"])
    }
}
