import ArgumentParser
import PresenceBridge

/// An option for each key of the configuration, from the list of them.
///
/// A parser finds out by a mirror which options a type has, so a mirror made by hand gives it as many as
/// there are keys. Such options can be shown and completed; their values are not kept.
struct KeyFlags: ParsableArguments, CustomReflectable {
    /// Any key at all.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            return nil
        }
    }

    init() {}

    init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: Key.self)
    }

    var customMirror: Mirror {
        Mirror(
            self,
            children: Setting.all.map { setting -> Mirror.Child in
                let option = Option<String?>(
                    name: .customLong(setting.key),
                    help: ArgumentHelp(stringLiteral: setting.meaning),
                    completion: CompletionKind(setting.completion)
                )
                return (label: "_\(setting.key)", value: option)
            }
        )
    }
}

extension CompletionKind {
    fileprivate init?(_ completion: ValueCompletion) {
        switch completion {
        case .nothing: return nil
        case .words(let words): self = .list(words)
        case .path: self = .file()
        }
    }
}
