import CMosquittoBroker

/// Messages that the broker itself publishes: it queues them, and sends them in its next turn.
enum Publishing {
    /// Publishes a message to whoever is subscribed, or to one client alone.
    ///
    /// - Returns: whether the broker has taken it.
    static func publish(
        _ topic: UnsafePointer<CChar>,
        _ payload: UnsafeRawBufferPointer,
        qos: Int32,
        retain: Bool = false,
        expiry: UInt32? = nil,
        to client: UnsafePointer<CChar>? = nil
    ) -> Bool {
        // The broker takes the copy over and frees it. It keeps a zero behind each payload.
        guard let length = Int32(exactly: payload.count),
            let copy = unsafe mosquitto_malloc(payload.count + 1)
        else { return false }
        unsafe UnsafeMutableRawBufferPointer(start: copy, count: payload.count).copyMemory(
            from: payload
        )
        unsafe copy.storeBytes(of: 0, toByteOffset: payload.count, as: UInt8.self)
        var properties: OpaquePointer?
        if let expiry {
            let identifier = Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue)
            unsafe mosquitto_property_add_int32(&properties, identifier, expiry)
        }
        let code = unsafe mosquitto_broker_publish(
            client,
            topic,
            length,
            copy,
            qos,
            retain,
            properties
        )
        guard code == MosquittoCode.success else {
            unsafe mosquitto_free(copy)
            unsafe mosquitto_property_free_all(&properties)
            return false
        }
        return true
    }
}
