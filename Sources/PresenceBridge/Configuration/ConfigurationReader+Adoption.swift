import PresenceAdoption

/// The lines `adopt KIND [key=value ...]`, which may stand in a file more than once, and `export KIND [key=value ...]`.
extension ConfigurationReader {
    static let adopt = "adopt"
    static let export = "export"
    static let lines = [adopt, export]

    /// Why such a line is neither a flag nor a variable.
    static func isLine(_ key: String) -> String {
        "stands in the configuration file alone: write '\(key) KIND' there, and --config FILE here"
    }

    /// Takes a line.
    mutating func adopt(_ text: String, from source: SettingSource) {
        do throws(AdoptionFault) {
            adoptions.append((try AdoptionLine(text), source))
        } catch {
            refuse(source, Self.adopt, error.reason)
        }
    }

    /// Takes the line that describes users to another program.
    mutating func export(_ text: String, from source: SettingSource) {
        if let export {
            return refuse(source, Self.export, "is already set on \(export.source)")
        }
        export = (text, source)
    }

    mutating func checkExport() {
        guard isSound("topic_prefix"), let export else { return }
        do throws(AdoptionFault) {
            settings.export = try ExportPlan(export.text, topicPrefix: settings.topicPrefix)
        } catch {
            refuse(export.source, Self.export, error.reason)
        }
    }

    /// Looks at all lines together: no two may read the same topics.
    mutating func checkAdoption() {
        guard isSound("topic_prefix") else { return }
        do throws(AdoptionPlanError) {
            let lines = adoptions.map(\.line)
            settings.adoption = try AdoptionPlan(lines, topicPrefix: settings.topicPrefix)
        } catch {
            for problem in error.problems {
                refuse(adoptions[problem.line].source, Self.adopt, problem.reason)
            }
        }
    }
}
