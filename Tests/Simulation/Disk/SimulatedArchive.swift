import Presence
import PresenceBridge
import PresenceStore

/// The change log on a simulated disk; the simulated world has one thread.
struct SimulatedArchive: Archive, @unchecked Sendable {
    private let disk: SimulatedDisk

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func cut() throws(StoreError) -> Int64 { 0 }

    func changes(after id: Int64, limit: Int) throws(StoreError) -> [LoggedChange] {
        Array(disk.logged.lazy.filter { $0.id > id }.prefix(limit))
    }

    func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange] {
        Array(disk.logged.reversed().lazy.filter(query.includes).prefix(query.limit))
    }

    func close() {}
}
