import Foundation
import PresenceAdoption
import Testing

@Suite("The rights that are shipped for adoption")
struct RightsFileTests {
    @Test("They are what the bridge reads for the lines that they name")
    func rights() throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = try String(contentsOf: root.appending(path: "examples/iot/acl"), encoding: .utf8)
        var checked = 0
        for part in file.components(separatedBy: "\n# adopt ").dropFirst() {
            let lines = part.split(separator: "\n").map(String.init)
            let adopt = try #require(lines.first?.split(separator: ":").first).description
            let plan = try AdoptionPlan([AdoptionLine(adopt)], topicPrefix: "presence")
            let rights = lines.filter { $0.hasPrefix("topic read ") }
            func gives(_ right: String, _ wanted: String) -> Bool {
                right == wanted || right.hasSuffix("/#") && wanted.hasPrefix(right.dropLast())
            }
            let wanted = plan.filters.map(\.accessLine)
            #expect(wanted.allSatisfy { one in rights.contains { gives($0, one) } }, "\(adopt)")
            #expect(rights.allSatisfy { one in wanted.contains { gives(one, $0) } }, "\(adopt)")
            checked += 1
        }
        #expect(checked >= 10)
    }
}
