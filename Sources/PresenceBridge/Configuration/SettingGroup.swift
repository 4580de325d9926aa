/// The keys that belong together, under the heading that they have in the shipped file.
struct SettingGroup: Sendable {
    let title: String
    /// What holds for all of them, if there is anything to say.
    let note: String?
    let settings: [Setting]

    /// Keys whose new values take effect at one time.
    init(
        _ title: String,
        note: String? = nil,
        takesEffect: Setting.Moment = .atOnce,
        _ settings: [Setting]
    ) {
        self.title = title
        self.note = note
        self.settings = settings.map { setting in
            var setting = setting
            setting.takesEffect = takesEffect
            return setting
        }
    }

    /// Every key of the bridge, in the order of the shipped file.
    static let all = [
        broker, topics, store, limits, graces, events, rates, permissions, changes, http,
        webhooks, operation,
    ]

    /// The least of most durations.
    static let second: Duration = .seconds(1)
    /// The most of short durations.
    static let day: Duration = .seconds(86_400)
    /// The most of long durations, ten years.
    static let longest: Duration = .seconds(3_650 * 86_400)
}
