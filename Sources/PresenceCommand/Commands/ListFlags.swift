import ArgumentParser
import PresenceClient

/// What all commands print that list something.
struct ListFlags: ParsableArguments {
    @Flag(help: "Print JSON, as the protocol has it.")
    var json = false

    @Flag(help: "Cut nothing to the width of the terminal.")
    var wide = false

    /// Prints a table as wide as the terminal, or JSON.
    func print(_ table: Table, json line: @autoclosure () -> String) throws {
        if json { return try Output.standard.write(line() + "\n") }
        guard !table.rows.isEmpty else { return }
        let width = Output.standard.isTerminal && !wide ? LiveScreen.size.columns : nil
        try Output.standard.write(lines: table.lines(.standard(), width: width))
    }

    /// Prints names, one a line, or JSON.
    ///
    /// - Parameter empty: What to say beside it when there are none.
    func print(_ names: [Name], empty: String? = nil) throws {
        if names.isEmpty, !json, let empty { Output.error.say(empty) }
        let lines = json ? [JSONText.line(names: names)] : names.map { DisplayText.safe($0.text) }
        try Output.standard.write(lines: lines)
    }
}
