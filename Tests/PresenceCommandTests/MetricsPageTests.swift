import PresenceClient
import Testing

@testable import PresenceCommand

@Suite("The page of top")
struct MetricsPageTests {
    private let plain = Style(isColored: false)

    private func round(_ number: Int64, _ more: [String: Int64] = [:]) -> BridgeMetrics {
        var values = ["uptime": number * 10, "requests": number * number * 10]
        values.merge(["users/online": 7 + number % 2, "memory/resident": 5 << 20]) { $1 }
        values.merge(more) { $1 }
        return BridgeMetrics(bridge: Name(checked: "b1"), values: values)
    }

    private func history(_ count: Int64) -> MetricsHistory {
        var history = MetricsHistory()
        for number in 1...count {
            let times = [
                "latency/turn/median": 80 * number, "latency/turn/p99": 1_500 * number,
                "latency/event/median": 0, "latency/event/p99": 0,
            ]
            history.take(round(number, times), at: 1_000 + number * 10)
        }
        return history
    }

    private func lines(_ history: MetricsHistory, _ columns: Int, _ rows: Int = 30) -> [String] {
        MetricsPage(histories: [history], warning: nil).lines(
            size: Screen.Size(rows: rows, columns: columns),
            style: plain
        ).map { line in
            // What puts each cell in its place is left out.
            line.replacing(/\u{1B}\[[0-9]*[GK]/, with: " ").replacing(#/ +/#, with: " ")
        }
    }

    @Test("At first there is no rate, and it says why")
    func first() {
        let lines = lines(history(1), 100)
        #expect(lines.contains("requests 10 -"))
        #expect(lines.last?.hasPrefix("1 bridge · q quits · - until the numbers have come") == true)
        #expect(lines.contains("a turn 80 µs 1.5 ms"))
        #expect(lines.contains("age of an event - -"))
    }

    @Test("Then each number has a line of how it has gone, as wide as there is room")
    func later() {
        let lines = lines(history(9), 120)
        #expect(lines[1] == " NOW A SECOND LAST 1 MIN")
        #expect(lines.contains("requests 810 17.0 ▂▃▄▅▆▇██"), "\(lines)")
        #expect(lines.contains("users online 8 █▁█▁█▁█▁█"))
        #expect(lines.contains("a turn 720 µs 13 ms ▁▂▃▄▅▆▇██"), "\(lines)")
        #expect(lines.last == "1 bridge · q quits")
        for columns in 10...130 {
            let page = MetricsPage(histories: [history(200)], warning: "w").lines(
                size: Screen.Size(rows: 12, columns: columns),
                style: plain
            )
            #expect(page.count == 12)
        }
    }

    @Test("The numbers of two bridges stand one below the other, under the warning")
    func twoBridges() {
        let histories = ["a", "b"].map { id in
            var history = MetricsHistory()
            history.take(BridgeMetrics(bridge: Name(checked: id), values: ["uptime": 60]), at: 1)
            return history
        }
        let page = MetricsPage(histories: histories, warning: "2 bridges at once")
        let lines = page.lines(size: Screen.Size(rows: 40, columns: 80), style: plain)
        #expect(lines.first == "2 bridges at once")
        #expect(lines.contains("a · up 1 min") && lines.contains("b · up 1 min"))
        #expect(lines.last?.hasPrefix("2 bridges · q quits") == true)
        let small = Screen.Size(rows: 5, columns: 80)
        #expect(page.lines(size: small, style: plain).count == 5)
    }

    @Test("A bridge that was started again begins anew")
    func restart() {
        var history = history(5)
        history.take(round(1), at: 2_000)
        #expect(history.rounds.count == 1)
    }

    @Test("The highest number is the highest letter; what is unknown is a blank")
    func sparkline() {
        #expect(Sparkline.text([0, 4, nil, 8], isFromZero: true) == "▁▅ █")
        #expect(Sparkline.text([100, 101, 102], isFromZero: false) == "▁▅█")
        #expect(Sparkline.text([5, 5], isFromZero: false) == "▁▁")
        #expect(Sparkline.text([0, 0], isFromZero: true) == "▁▁")
        #expect(Sparkline.text([nil, .nan], isFromZero: true) == "")
    }
}
