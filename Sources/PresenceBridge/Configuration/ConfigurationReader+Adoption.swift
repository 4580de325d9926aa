import PresenceAdoption

/// The lines `adopt KIND [key=value ...]`, which may stand in a file more than once.
extension ConfigurationReader {
    static let adopt = "adopt"

    /// Takes a line.
    mutating func adopt(_ text: String, from source: SettingSource) {
        do throws(AdoptionFault) {
            adoptions.append((try AdoptionLine(text), source))
        } catch {
            refuse(source, Self.adopt, error.reason)
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
