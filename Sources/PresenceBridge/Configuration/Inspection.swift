import PresenceStore

extension Configuration {
    /// Looks at what the bridge would find when it starts, beyond what ``load(_:)`` has read: the
    /// place of the store.
    ///
    /// - Returns: What may be otherwise at the start, one sentence each.
    /// - Throws: What would end the bridge as soon as it starts.
    public func inspect() throws(ConfigurationError) -> [String] {
        do throws(StoreError) {
            try SQLiteStore.inspect(path: settings.store.path)
            return []
        } catch {
            guard let setting = Setting.named("store"), let source = sources[setting.key] else {
                // It follows the folder that the bridge is started in, which may be another one.
                return ["store (default): \(error)"]
            }
            throw ConfigurationError(problems: [
                .init(
                    place: source.description,
                    key: source.spelling(of: setting),
                    message: "\(error)"
                )
            ])
        }
    }
}
