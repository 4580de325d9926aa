import BrokerFixture
import Foundation
import Testing

/// The document is what schemathesis makes calls from, and the answers must be as it says.
@Suite(
    "The OpenAPI document beside the running bridge",
    .enabled(if: Python.isThatOfPrograms, "The programs are pinned for Python 3.11 and 3.12")
)
struct HTTPDocumentTests {
    /// What schemathesis looks for that the document cannot say: that names are counted in bytes, that a cursor
    /// comes from the page before, and that a path with a name is that of `query`, too.
    private static let excluded = ["positive_data_acceptance", "allow_header_conformance"]

    @Test("Whatever is asked by it is answered by it, and nothing that it rules out is taken")
    func conformance() async throws {
        let packages = try await ProgramPackages.shared.folder(of: "schemathesis")
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let folder = try TemporaryFolder()
        let run = try Child(
            Python.path,
            [
                "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run",
                http.base + "/openapi.json", "-H",
                "Authorization: Bearer \(try #require(http.secrets["all"]))", "--seed", "1",
                "--max-examples", "20", "--request-timeout", "10", "--no-color",
                "--exclude-checks", Self.excluded.joined(separator: ","),
            ],
            environment: ["PYTHONPATH": packages],
            folder: folder
        )
        let exit = try await run.wait(timeout: .seconds(180))
        #expect(exit == .code(0), "\(run.output.suffix(6_000))\(run.errors.suffix(2_000))")
        #expect(try await http.call("GET", "/readyz", token: nil).status == 200)
    }
}
