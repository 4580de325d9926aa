import Foundation
import PresenceClient

/// Colour, where it is wanted.
struct Style: Hashable {
    let isColored: Bool

    /// The few colours that every terminal has.
    enum Paint: String {
        case green = "32"
        case red = "31"
        case yellow = "33"
        case gray = "90"
        case bold = "1"
        case alarm = "1;31"
    }

    /// No colour in a pipe, on a dumb terminal, or where `NO_COLOR` is set.
    static func standard(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        isTerminal: Bool = Output.standard.isTerminal
    ) -> Style {
        let refuses = !(environment["NO_COLOR"] ?? "").isEmpty
        return Style(isColored: isTerminal && !refuses && !isDumb(environment))
    }

    /// Whether the terminal can do nothing but print lines.
    static func isDumb(_ environment: [String: String]) -> Bool {
        let terminal = environment["TERM"] ?? ""
        return terminal.isEmpty || terminal == "dumb"
    }

    func paint(_ text: String, _ paint: Paint?) -> String {
        guard isColored, let paint, !text.isEmpty else { return text }
        return "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m"
    }

    static func paint(of status: StatusWord) -> Paint {
        guard status.isOnline else { return .gray }
        return switch status.rank {
        case 0: .red
        case 1: .green
        default: .yellow
        }
    }
}
