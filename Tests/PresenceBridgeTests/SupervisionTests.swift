import Testing

@testable import PresenceBridge

@Suite("What a service manager is told")
struct SupervisionTests {
    private let one = Standing.serving(usersOnline: 1, storeFailure: nil)
    private let two = Standing.serving(usersOnline: 2, storeFailure: nil)

    @Test("That it is up, once, and how it stands, whenever that changes")
    func standing() {
        var supervision = Supervision(environment: [:], process: 7)
        #expect(
            supervision.lines(.disconnected, at: 10)
                == ["READY=1", "STATUS=no connection to the broker"]
        )
        #expect(supervision.lines(.disconnected, at: 11) == [])
        #expect(
            supervision.lines(.reading, at: 12) == ["STATUS=reading what the broker has retained"]
        )
        #expect(
            supervision.lines(.standingBy, at: 13)
                == ["STATUS=standing by: another bridge serves"]
        )
        #expect(supervision.lines(.ending, at: 14) == ["STOPPING=1", "STATUS=ending"])
        #expect(supervision.lines(.ending, at: 99_999) == [])
        #expect(supervision.nextStep == nil)
    }

    @Test("Numbers are told every five seconds at most, and a store that fails at once")
    func numbers() {
        var supervision = Supervision(environment: [:], process: 7)
        _ = supervision.lines(one, at: 0)
        #expect(supervision.lines(two, at: 4_999) == [])
        #expect(supervision.lines(two, at: 5_000) == ["STATUS=serving, 2 users online"])
        let failing = Standing.serving(usersOnline: 2, storeFailure: "the disk is full")
        #expect(
            supervision.lines(failing, at: 5_001)
                == ["STATUS=serving, 2 users online; the store takes nothing: the disk is full"]
        )
        #expect(supervision.lines(two, at: 5_002) == ["STATUS=serving, 2 users online"])
        #expect(supervision.lines(one, at: 9_000) == [])
        #expect(supervision.lines(one, at: 10_002) == ["STATUS=serving, 1 user online"])
    }

    @Test("A sign of life twice in the time that the manager allows")
    func watchdog() {
        var supervision = Supervision(
            environment: ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"],
            process: 7
        )
        #expect(supervision.lines(one, at: 100).contains("WATCHDOG=1"))
        #expect(supervision.nextStep == 1_600)
        #expect(supervision.lines(one, at: 1_599) == [])
        #expect(supervision.lines(one, at: 1_700) == ["WATCHDOG=1"])
        #expect(supervision.nextStep == 3_200)
    }

    @Test(
        "What the manager has not asked of this process is not done",
        arguments: [
            [:], ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"], ["WATCHDOG_USEC": "-1"],
            ["WATCHDOG_USEC": "soon"], ["WATCHDOG_USEC": "0"],
        ]
    )
    func unasked(_ environment: [String: String]) {
        var supervision = Supervision(environment: environment, process: 7)
        #expect(!supervision.lines(one, at: 0).contains("WATCHDOG=1"))
        #expect(supervision.nextStep == nil)
    }
}
