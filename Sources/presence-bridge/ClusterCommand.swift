import ArgumentParser
import Foundation
import PresenceBridge

/// `presence-bridge cluster`: tells which bridges share a database, and which of them serves.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Tell which bridges share the database, and which of them serves.",
        usage: "presence-bridge cluster [--json] [--config FILE] [--KEY VALUE ...]",
        discussion: """
            It reads the database that the bridge's own configuration names, and changes
            nothing: of each bridge its last sign of life, and of the shard who owns it,
            and under which term.

            It ends with 0 when there is an answer, with 1 when there is none, and with 2 for a
            mistake in its arguments or the configuration.
            """
    )

    @Flag(help: "Print JSON in place of tables.")
    var json = false

    @OptionGroup
    var places: ConfigurationPlaces

    func validate() throws {
        try places.checkFlags(of: Self.self)
    }

    mutating func run() throws {
        let settings = try places.load().settings
        let report: ClusterReport
        do throws(ClusterReport.Failure) {
            report = try ClusterReport(settings, stamp: Output.stamp)
        } catch {
            guard !error.namesNoDatabase else { throw ValidationError(error.description) }
            Output.error("\(error)\n")
            throw ExitCode.failure
        }
        Output.standard(json ? report.json : report.text)
    }
}
