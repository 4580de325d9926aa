import PresenceClient
import Testing

@testable import PresenceCommand

@Suite("Tables")
struct TableTests {
    private let plain = Style(isColored: false)

    private func status(_ name: String, _ word: String?, _ description: String = "") -> UserStatus {
        let devices = word.map {
            [DeviceStatus(name: Name(checked: "phone"), status: StatusWord(checked: $0))]
        }
        return UserStatus(
            username: Name(checked: name),
            description: description,
            devices: devices ?? [],
            cause: word == nil ? .lost : nil,
            since: 1_000,
            updated: 1_000,
            seq: 1
        )
    }

    private var table: Table {
        StatusTable.table(
            [status("alice", "busy", "in a meeting until five"), status("bob", nil)],
            now: 4_600
        )
    }

    @Test("In a pipe a table is as wide as it needs to be")
    func natural() {
        #expect(
            table.lines(plain, width: nil) == [
                "NAME   STATUS     DESCRIPTION              DEVICES  SINCE",
                "alice  ● busy     in a meeting until five  phone    1 h",
                "bob    ○ offline                                    1 h",
            ]
        )
    }

    @Test("On a terminal no line is wider than that, and name and status stay to the last")
    func narrow() {
        for width in 14...100 {
            for line in table.lines(plain, width: width) {
                #expect(DisplayText.width(line) <= width, "\(width): \(line)")
            }
        }
        #expect(
            table.lines(plain, width: 50)[1] == "alice  ● busy     in a meeting un…  phone    1 h"
        )
        #expect(table.lines(plain, width: 16)[1] == "alice  ● busy")
    }

    @Test("What there is too little room for is cut in proportion, and the name last")
    func proportion() {
        var long = status("alice-in-the-morning", "busy", String(repeating: "d", count: 60))
        long.devices = (1...12).map {
            let name = Name(checked: "device-\(10 + $0)")
            return DeviceStatus(name: name, status: StatusWord(checked: "busy"))
        }
        let table = StatusTable.table([long], now: 4_600)
        let natural = table.naturalWidths
        let widths = table.layout(natural, width: 120).map(\.width)
        #expect(widths[0] == natural[0])
        #expect(widths[2] > 25 && widths[2] < 60)
        #expect(widths[3] > 40 && widths[3] < natural[3])
        #expect(table.lines(plain, width: 120).allSatisfy { DisplayText.width($0) <= 120 })
    }

    @Test("Colour is painted only where it is wanted")
    func color() {
        let lines = table.lines(Style(isColored: true), width: nil)
        #expect(lines[1].contains("\u{1B}[31m● busy\u{1B}[0m"))
        #expect(!table.lines(plain, width: nil).joined().contains("\u{1B}"))
        let isColored = { (environment: [String: String], isTerminal: Bool) in
            Style.standard(environment, isTerminal: isTerminal).isColored
        }
        #expect(isColored(["TERM": "xterm"], true))
        #expect(isColored(["TERM": "xterm", "NO_COLOR": ""], true))
        #expect(!isColored(["TERM": "xterm", "NO_COLOR": "1"], true))
        #expect(!isColored(["TERM": "xterm"], false))
        #expect(!isColored(["TERM": "dumb"], true))
        #expect(!isColored([:], true))
    }

    @Test("Who was never seen may be misspelled, and is named")
    func neverSeen() {
        let known = status("bob", nil)
        let names = ["bbo", "alcie"].map { UserStatus(username: Name(checked: $0)) }
        #expect(StatusTable.doubt([known]) == nil)
        #expect(
            StatusTable.doubt([known, names[0]]) == "bbo was never seen; is the name right?"
        )
        #expect(StatusTable.doubt(names) == "never seen, are the names right? bbo, alcie")
        #expect(StatusTable.row(names[0], now: 1).last?.text == "never seen")
    }

    @Test("A description cannot make a line of its own")
    func hostile() {
        let table = StatusTable.table([status("eve", "x", "a\nb\u{1B}[2Jc")], now: 4_600)
        #expect(table.lines(plain, width: nil).count == 2)
        #expect(table.rows[0][2].text == "a b\u{FFFD}[2Jc")
        let line = StatusTable.line(status("eve", "x", "a\tb\nc"), now: 4_600)
        #expect(line.split(separator: "\t").dropFirst() == ["eve", "x", "a b c"])
    }
}
