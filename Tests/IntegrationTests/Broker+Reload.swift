import BrokerFixture
import Foundation

extension Broker {
    /// Changes the access control list, which holds for all that the broker does from then on.
    func reload(acl: String) async throws {
        let count = { self.log.components(separatedBy: "Reloading config").count }
        let before = count()
        try folder.write(acl, to: "acl")
        reload()
        try await eventually("the broker reads its list", log: log) {
            count() > before ? true : nil
        }
    }
}
