import Mosquitto
import Testing

@testable import PresenceBridge

@Suite("The version of MQTT")
struct VersionChoiceTests {
    @Test(
        "MQTT 3.1.1 is tried at once where the broker says so, and after 3 hang-ups or 2 silences",
        arguments: [
            ([.refused], [5, 4]), ([.malformed], [5, 4]), ([.other, .other, .other, .other], [5]),
            ([.hungUp, .hungUp, .hungUp], [5, 5, 5, 4]), ([.unanswered, .unanswered], [5, 5, 4]),
            ([.hungUp, .unanswered, .hungUp, .other, .hungUp], [5, 5, 5, 5, 5, 4]),
            ([.refused, .refused, .refused, .hungUp], [5, 4, 5, 4, 5]),
            ([.unanswered, .unanswered, .unanswered, .unanswered], [5, 5, 4, 5, 5]),
        ] as [([VersionChoice.Failure], [Int])]
    )
    func automatic(_ failures: [VersionChoice.Failure], _ levels: [Int]) {
        var choice = VersionChoice(.auto)
        var called = [5]
        for failure in failures {
            let outcome = choice.fail(failure)
            #expect((outcome == .older) == (choice.current == .v311))
            called.append(choice.current == .v311 ? 4 : 5)
        }
        #expect(
            called.prefix(levels.count) == levels[...] && Set(called.dropFirst(levels.count)) != [4]
        )
    }

    @Test(
        "Where one version is set no other is tried",
        arguments: [Settings.Broker.Version.newer, .older]
    )
    func set(_ version: Settings.Broker.Version) {
        var choice = VersionChoice(version)
        let first = choice.current
        #expect(first == (version == .newer ? .v5 : .v311))
        for failure: VersionChoice.Failure in [.refused, .malformed, .hungUp, .hungUp, .hungUp] {
            #expect(choice.fail(failure) == .again)
            #expect(choice.current == first)
        }
        choice.end()
        #expect(choice.current == first)
    }

    @Test("After a connection that stood MQTT 5 comes first again, and hang-ups count anew")
    func stood() {
        var choice = VersionChoice(.auto)
        _ = choice.fail(.refused)
        choice.stand()
        #expect(choice.current == .v311)
        choice.end()
        #expect(choice.current == .v5)
        _ = choice.fail(.hungUp)
        _ = choice.fail(.hungUp)
        choice.stand()
        #expect(choice.fail(.hungUp) == .again)
    }
}
