import PresenceStore

extension ConfigurationReader {
    /// What belongs to a database: the password, from one place, and nothing without a database.
    mutating func checkStore() {
        guard isSound("store") else { return }
        let location = settings.store.location
        guard case .database = location else {
            for key in ["store_password_file", "store_schema", "lease"] where isSet(key) {
                warnings.append("\(told(key)) is for a database: the store is a file")
            }
            return
        }
        if location.hasPassword, case .file(let path, _) = sources["store"],
            FilePrefix.isReadableByAll(path)
        {
            warnings.append(
                "\(told("store")): every user of this machine may read its password; better a"
                    + " store_password_file with mode 600"
            )
        }
        guard let path = settings.store.passwordFile else { return }
        guard !location.hasPassword else {
            return refuse(
                "store_password_file",
                "excludes a password in \(told("store")): it comes from one of them"
            )
        }
        settings.store.password = readPassword(path, of: "store_password_file")
    }
}
