extension ControlMessage {
    /// How somebody with a bridge's login asks which version the plugin has, and by which clock the
    /// broker goes.
    ///
    /// A plugin that does not know the key greets, and says no more.
    package static let questionOfItself = Array(#"{"hello":1,"about":true}"#.utf8)

    /// What the plugin says of itself.
    package struct About: Hashable, Sendable {
        /// The version of the software.
        package var version: String
        /// The broker's clock, in milliseconds of Unix time.
        package var time: Int64

        package init(version: String, time: Int64) { (self.version, self.time) = (version, time) }

        var payload: [UInt8] {
            var json = JSONWriter(reserving: 64)
            json.beginObject()
            json.member("version", version)
            json.member("time", time)
            json.endObject()
            return json.bytes
        }

        init?(_ object: JSONObject) {
            guard let version = object["version"]?.string, let time = object["time"]?.integer else {
                return nil
            }
            self.init(version: version, time: time)
        }
    }
}
