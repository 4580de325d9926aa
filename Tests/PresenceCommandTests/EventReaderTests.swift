import PresenceClient
import Testing

@testable import PresenceCommand

@Suite("Server-sent events")
struct EventReaderTests {
    private static let status =
        #"{"username":"bob","online":true,"status":"away","description":"","devices":{"phone":"away"},"#
        + #""cause":null,"since":1,"updated":2,"seq":3}"#

    private func read(_ text: String, by size: Int) -> [String] {
        var reader = EventReader()
        let bytes = Array(text.utf8)
        var events: [ChangeStream.Event] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += reader.read(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        return events.map { event in
            guard case .change(let id, let status) = event else { return "" }
            return "\(id) \(status?.status.text ?? "-")"
        }
    }

    @Test("They come however they are cut, with comments between", arguments: [1, 2, 7, 1_000])
    func parts(size: Int) {
        let text =
            "id: 16\n\n:\n\nid: 17\ndata: {\"id\":\"17\",\"status\":\(Self.status)}\n\n"
            + "id:18\r\ndata:{}\r\n\r\nid: 19\ndata: no JSON\n\nid: 20\n"
        #expect(read(text, by: size) == ["16 -", "17 away", "18 -", "19 -"])
    }

    @Test("A line without end takes no memory without end")
    func endless() {
        var reader = EventReader()
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<4 { #expect(reader.read(part).isEmpty) }
        #expect(read("id: 1\n\n", by: 3) == ["1 -"])
    }
}
