import Presence
import Testing

@Suite("Statuses that are shortened")
struct StatusFittingTests {
    private static let status = UserStatus(
        username: Name(checked: "alice"),
        description: String(repeating: "\u{1}", count: 100),
        devices: (0..<20).map {
            DeviceStatus(
                name: Name(checked: $0 < 10 ? "d0\($0)" : "d\($0)"),
                status: StatusWord(checked: $0 == 15 ? "busy" : "online")
            )
        },
        since: 1_700_000_000,
        updated: 1_700_000_000,
        seq: 1_700_000_000_000
    )

    @Test("One fits into every room that it fits into, and what is left of it is true")
    func rooms() {
        let whole = Self.status.payload.count
        var devices = 0
        for room in 0...(whole + 10) {
            guard let short = Self.status.fitting(room) else {
                #expect(devices == 0)
                continue
            }
            #expect(short.payload.count <= room)
            #expect(short.status.text == "busy")
            #expect(short.isOnline)
            #expect(short.seq == Self.status.seq)
            #expect((short == Self.status) == (room >= whole))
            #expect(short.devices.count >= devices, "more room and fewer devices")
            #expect(short.devices.map(\.name) == short.devices.map(\.name).sorted())
            devices = short.devices.count
        }
        #expect(devices == 20)
    }

    @Test("Of one who is offline the description goes")
    func offline() {
        var status = Self.status
        status.devices = []
        #expect(status.fitting(250)?.description == "")
        #expect(status.fitting(100) == nil)
    }
}
