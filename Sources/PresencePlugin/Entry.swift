import CMosquittoBroker
import PresencePluginCore

// The three functions that mosquitto looks for in a plugin.

/// Says which version of the plugin interface is spoken.
@c(mosquitto_plugin_version)
public func pluginVersion(_ count: Int32, _ versions: UnsafePointer<Int32>?) -> Int32 {
    let offered = unsafe UnsafeBufferPointer(
        start: versions,
        count: versions == nil ? 0 : Int(count)
    )
    return unsafe offered.contains(MOSQ_PLUGIN_VERSION) ? MOSQ_PLUGIN_VERSION : -1
}

/// Starts the plugin; mosquitto ends when it returns an error.
@c(mosquitto_plugin_init)
public func pluginInit(
    _ identifier: OpaquePointer?,
    _ userdata: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ options: UnsafeMutablePointer<mosquitto_opt>?,
    _ count: Int32
) -> Int32 {
    guard let identifier = unsafe identifier, let userdata = unsafe userdata else {
        return MosquittoCode.invalid
    }
    let given = unsafe UnsafeBufferPointer(start: options, count: options == nil ? 0 : Int(count))
    do throws(OptionFault) {
        let read = unsafe try PluginOptions(
            reading: given.map { unsafe ($0.key.text, $0.value.text) }
        )
        let plugin = unsafe Plugin(identifier, read)
        let code = plugin.register()
        guard code == MosquittoCode.success else {
            BrokerLog.error("mosquitto does not tell of its events: error \(code)")
            return code
        }
        unsafe userdata.pointee = Unmanaged.passRetained(plugin).toOpaque()
        BrokerLog.notice("runs with \(read)")
        return MosquittoCode.success
    } catch {
        BrokerLog.error("\(error)")
        return MosquittoCode.invalid
    }
}

/// Ends the plugin.
@c(mosquitto_plugin_cleanup)
public func pluginCleanup(
    _ userdata: UnsafeMutableRawPointer?,
    _ options: UnsafeMutablePointer<mosquitto_opt>?,
    _ count: Int32
) -> Int32 {
    guard let userdata = unsafe userdata else { return MosquittoCode.success }
    let plugin = unsafe Unmanaged<Plugin>.fromOpaque(userdata)
    unsafe plugin.takeUnretainedValue().unregister()
    unsafe plugin.release()
    return MosquittoCode.success
}

extension UnsafeMutablePointer<CChar>? {
    fileprivate var text: String { unsafe map { unsafe String(cString: $0) } ?? "" }
}
