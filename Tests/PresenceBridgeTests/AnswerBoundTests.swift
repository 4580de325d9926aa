import Mosquitto
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("How many answers wait for the broker")
struct AnswerBoundTests {
    /// Answers, each with so many bytes, and then a request.
    private func answer(_ rig: inout LinkRig, _ payload: Int, _ times: Int) -> AnswerRoom? {
        let payload = [UInt8](repeating: 0, count: payload)
        let reply = Reply(topic: "presence/response/a/b", payload: payload)
        for _ in 0..<times { rig.handle(.decided(.reply(reply))) }
        rig.told = []
        rig.hear("presence/request/a/b/get", "{}")
        rig.reportLoad()
        rig.reportLoad()
        let rooms = rig.told.compactMap { input -> AnswerRoom? in
            if case .answersLimited(let room) = input { room } else { nil }
        }
        return rooms.count == 1 ? rooms[0] : nil
    }

    @Test(
        "With each request the core is told how many answers there is room for, in number and bytes"
    )
    func answerRoom() throws {
        var rig = try LinkRig.serving()
        let (most, refusals) = (LinkBounds.answers, LinkBounds.refusals)
        rig.reportLoad()
        #expect(rig.told == [], "nobody has asked")
        // A hundred are on their way, and the other ten wait.
        let some = AnswerRoom(
            answers: most.count - 10,
            bytes: most.bytes - 10,
            refusals: refusals - 10
        )
        let room1 = answer(&rig, 1, 110)
        #expect(room1 == some)
        let room2 = answer(&rig, 1 << 20, 127)
        #expect(room2?.answers == most.count - 137)
        let none = AnswerRoom(answers: 0, bytes: 0, refusals: refusals - 139)
        let room3 = answer(&rig, 1 << 20, 2)
        #expect(room3 == none)
        #expect(rig.lines.count { $0.contains("requests are refused") } == 1)
        // It is full until half of them are gone.
        rig.acknowledge()
        rig.pump()
        let room4 = answer(&rig, 0, 0)
        #expect(room4?.answers == most.count - 39)
        #expect(rig.lines.count { $0.contains("carried out again") } == 1)
        // What waits otherwise is no answer, and a connection that ends takes all of it along.
        rig.handle(.happened(.closed(.lost("x"))))
        rig.step(after: 10_000)
        rig.handle(.happened(.connected(Acknowledgement())))
        for number in 1...300 { rig.handle(.counted(name: "\(number)", value: "1")) }
        let room5 = answer(&rig, 0, 0)
        #expect(room5?.answers == most.count)
    }

    @Test(
        "Between full and half full requests are refused, and of refusals there is no end without one"
    )
    func refusals() throws {
        var rig = try LinkRig.serving()
        let most = LinkBounds.answers.count
        let room6 = answer(&rig, 0, most + 101)
        #expect(room6?.isOpen == false)
        let room7 = answer(&rig, 0, LinkBounds.refusals - most)
        #expect(room7?.refusals == 0)
        for _ in 1...((LinkBounds.refusals - most / 2) / 100) {
            let room8 = answer(&rig, 0, 0)
            #expect(room8?.isOpen == false)
            rig.acknowledge()
            rig.pump()
        }
        rig.acknowledge()
        rig.pump()
        let room9 = answer(&rig, 0, 0)
        #expect(room9?.isOpen == true)
    }
}
