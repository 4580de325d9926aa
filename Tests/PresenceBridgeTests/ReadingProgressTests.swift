import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("What the log is told of a reading")
struct ReadingProgressTests {
    private func metrics(users: Int, devices: Int) -> Metrics {
        var metrics = Metrics()
        (metrics.usersOnline, metrics.devicesOnline) = (users, devices)
        return metrics
    }

    @Test("A long one has a line every five seconds, and one at its end")
    func long() {
        var progress = ReadingProgress()
        progress.begin(at: 1_000)
        #expect(progress.line(metrics(users: 0, devices: 0), at: 5_999) == nil)
        #expect(
            progress.line(metrics(users: 7, devices: 9), at: 6_000)
                == "still reading what the broker has retained: 9 devices so far"
        )
        #expect(progress.line(metrics(users: 7, devices: 9), at: 10_999) == nil)
        #expect(progress.line(metrics(users: 7, devices: 9), at: 11_000) != nil)
        #expect(
            progress.ready(metrics(users: 1, devices: 20), at: 12_345)
                == "ready: 1 user online, 20 devices, after 11.3 s"
        )
        #expect(progress.line(metrics(users: 1, devices: 20), at: 99_000) == nil)
        // The core may say again that it serves, when no reading has come before.
        #expect(progress.ready(metrics(users: 1, devices: 20), at: 99_000) == nil)
    }

    @Test("One that the connection has not outlived has no more lines")
    func ended() {
        var progress = ReadingProgress()
        #expect(progress.line(Metrics(), at: 99_000) == nil)
        progress.begin(at: 0)
        progress.end()
        #expect(progress.line(Metrics(), at: 99_000) == nil)
    }
}
