import Simulation
import Testing

@Suite("The oracle of adopted things")
struct AdoptedTruthTests {
    /// What StatusIsTruth says of a rest at which all things show with a word that are named.
    private func breaches(
        _ shown: [String: String],
        seconds: Int64 = 200,
        _ build: (inout AdoptedTruth, inout Truth) -> Void
    ) -> [String] {
        let things: [AdoptedThing] = [.plug, .hub, .lamp, .home, .roof, .cell]
        var adopted = AdoptedTruth(things)
        var truth = Truth()
        truth.brokerStarted(at: 0)
        truth.served(epoch: 1, at: 1_000)
        build(&adopted, &truth)
        let (online, unsure) = adopted.devices(
            at: seconds * 1_000,
            second: seconds,
            truth
        )
        return sentences(StatusIsTruth.self) { trace in
            for thing in things { trace.add(.published(AdoptedSeen(thing, .on("online")))) }
            var statuses: [String: StatusSeen] = [:]
            for (user, word) in shown { statuses[user] = .online(user, ["d": word], seq: 3) }
            trace.add(.rest(Rest(truth: online, unsure: unsure, statuses: statuses)))
        }
    }

    private func say(
        _ truth: inout AdoptedTruth,
        _ topic: String,
        _ text: String,
        at second: Int64,
        isRetained: Bool = true
    ) {
        truth.hear(topic, Array(text.utf8), isRetained: isRetained, at: second * 1_000)
    }

    @Test("A thing is what it said last, and no other")
    func words() {
        let comes = { (truth: inout AdoptedTruth, _: inout Truth) in
            say(&truth, "tele/p/LWT", "Online", at: 10)
        }
        #expect(breaches(["plug": "online"], comes) == [])
        #expect(breaches([:], comes) == ["plug's d is online, and its status says not online"])
        #expect(
            breaches(["plug": "online"]) { truth, world in
                comes(&truth, &world)
                say(&truth, "tele/p/LWT", "Offline", at: 20)
            } == ["plug's d is not online, and its status says online"]
        )
        #expect(
            breaches(["plug": "online"]) { truth, world in
                comes(&truth, &world)
                say(&truth, "tele/p/LWT", "ONLINE!", at: 20)
            } == []
        )
    }

    @Test("A thing is there while its gateway is, whatever its own topic says")
    func gateways() {
        let come = { (truth: inout AdoptedTruth, _: inout Truth) in
            say(&truth, "z/state", #"{"state":"online"}"#, at: 10)
            say(&truth, "z/lamp", #"{"state":"online"}"#, at: 11)
        }
        let goes = { (truth: inout AdoptedTruth, world: inout Truth) in
            come(&truth, &world)
            say(&truth, "z/state", #"{"state":"offline"}"#, at: 20)
        }
        #expect(breaches(["z": "online", "lamp": "online"], come) == [])
        #expect(breaches([:], goes) == [])
        #expect(
            breaches(["lamp": "online"], goes)
                == ["lamp's d is not online, and its status says online"]
        )
        // Back with it, though it has said nothing since.
        #expect(
            breaches(["z": "online"]) { truth, world in
                goes(&truth, &world)
                say(&truth, "z/state", #"{"state":"online"}"#, at: 30)
            } == ["lamp's d is online, and its status says not online"]
        )
    }

    @Test("Where nothing is retained, a word that nobody heard is not judged, and any other is")
    func unretained() {
        let says = { (truth: inout AdoptedTruth, word: String) in
            say(&truth, "home/status", word, at: 10, isRetained: false)
        }
        for (word, shown) in [("online", [:]), ("offline", ["home": "online"])] {
            #expect(breaches(shown) { truth, _ in says(&truth, word) }.count == 1)
            #expect(
                breaches(shown) { truth, world in
                    says(&truth, word)
                    world.troubled(9_000...12_000)
                } == []
            )
        }
    }

    @Test("Silence ends a thing that must speak, but not while nobody listens")
    func silence() {
        let lives = { (truth: inout AdoptedTruth, second: Int64) in
            say(&truth, "eco/word", "online", at: 10)
            say(&truth, "eco/sign", "3", at: second, isRetained: false)
        }
        #expect(breaches(["roof": "online"]) { truth, _ in lives(&truth, 195) } == [])
        #expect(breaches([:]) { truth, _ in lives(&truth, 195) }.count == 1)
        #expect(breaches(["roof": "online"]) { truth, _ in lives(&truth, 100) }.count == 1)
        #expect(breaches([:]) { truth, _ in lives(&truth, 100) } == [])
        // Its promise begins anew when somebody listens again.
        #expect(
            breaches(["roof": "online"]) { truth, world in
                lives(&truth, 100)
                world.troubled(110_000...190_000)
            } == []
        )
        #expect(
            breaches(["roof": "online"]) { truth, world in
                lives(&truth, 100)
                world.troubled(150_000...190_000)
            }.count == 1
        )
    }

    @Test("Who sleeps does until it should be awake, and no longer")
    func sleepers() {
        let sleeps = { (truth: inout AdoptedTruth, wakes: Int64) in
            say(&truth, "tele/c/LWT", "Online", at: 10)
            say(&truth, "tele/c/DEEPSLEEP", #"{"DeepSleep":{"Wakeup":\#(wakes)}}"#, at: 20)
            say(&truth, "tele/c/LWT", "Offline", at: 21)
        }
        #expect(breaches(["cell": "sleeping"]) { truth, _ in sleeps(&truth, 150) } == [])
        #expect(breaches([:]) { truth, _ in sleeps(&truth, 150) }.count == 1)
        #expect(breaches(["cell": "sleeping"]) { truth, _ in sleeps(&truth, 30) }.count == 1)
        // Whoever sets the clock takes the time away.
        #expect(
            breaches([:]) { truth, _ in
                sleeps(&truth, 150)
                truth.clockStepped(at: 50_000)
            } == []
        )
    }

    /// The broker is killed and comes back with an older copy of what the plug and the lamp have said.
    private func restart(
        _ truth: inout AdoptedTruth,
        _ world: inout Truth,
        toldOfEnd: Bool = false
    ) {
        say(&truth, "tele/p/LWT", "Online", at: 10)
        say(&truth, "z/state", #"{"state":"online"}"#, at: 10)
        say(&truth, "z/lamp", #"{"state":"offline"}"#, at: 11)
        world.brokerStarted(at: 100_000)
        truth.brokerStarted(wasKilled: true, toldOfEnd: toldOfEnd) { topic in
            let word = topic == "tele/p/LWT" ? "Online" : #"{"state":"online"}"#
            return topic.hasPrefix("z") || topic == "tele/p/LWT" ? Array(word.utf8) : nil
        }
        world.served(epoch: 2, at: 102_000)
    }

    @Test("Who is not back is gone, but for a ghost where the bridge had ended before the broker")
    func ghosts() {
        let ghost = ["plug": "online"]
        #expect(breaches(ghost) { restart(&$0, &$1) }.count == 1)
        #expect(breaches([:]) { restart(&$0, &$1) } == [])
        #expect(breaches(ghost) { restart(&$0, &$1, toldOfEnd: true) } == [])
        #expect(breaches([:]) { restart(&$0, &$1, toldOfEnd: true) } == [])
    }

    @Test("Who is back after the bridge is there, and of who was first nobody can say")
    func back() {
        for (second, count) in [(101, 0), (103, 1)] as [(Int64, Int)] {
            let found = breaches([:]) { truth, world in
                restart(&truth, &world)
                say(&truth, "tele/p/LWT", "Online", at: second)
            }
            #expect(found.count == count)
        }
    }

    @Test("Of a lamp nobody can say where the broker has an older word of it, until it speaks")
    func olderWord() {
        for shown in [["z": "online"], ["z": "online", "lamp": "online"]] {
            let back = { (truth: inout AdoptedTruth, world: inout Truth) in
                restart(&truth, &world)
                say(&truth, "z/state", #"{"state":"online"}"#, at: 103)
            }
            #expect(breaches(shown, back) == [])
            #expect(
                breaches(shown) { truth, world in
                    back(&truth, &world)
                    say(&truth, "z/lamp", #"{"state":"offline"}"#, at: 104)
                }.count == shown.count - 1
            )
        }
    }
}
