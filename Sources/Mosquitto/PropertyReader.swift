import CMosquitto
import Glibc

/// Reads single values out of a property of the library's, which lives as long as a callback.
@safe private struct PropertyReader {
    let property: OpaquePointer
    let identifier: Int32

    var byte: UInt8 { unsafe number(mosquitto_property_read_byte) }
    var int16: UInt16 { unsafe number(mosquitto_property_read_int16) }
    var int32: UInt32 { unsafe number(mosquitto_property_read_int32) }
    var variable: UInt32 { unsafe number(mosquitto_property_read_varint) }

    private func number<Number: FixedWidthInteger>(
        _ read: (OpaquePointer?, Int32, UnsafeMutablePointer<Number>?, Bool) -> OpaquePointer?
    ) -> Number {
        var value: Number = 0
        _ = unsafe read(property, identifier, &value, false)
        return value
    }

    var string: String {
        var value: UnsafeMutablePointer<CChar>?
        unsafe mosquitto_property_read_string(property, identifier, &value, false)
        defer { unsafe free(value) }
        return unsafe value.map { unsafe String(cString: $0) } ?? ""
    }

    var binary: [UInt8] {
        var value: UnsafeMutableRawPointer?
        var length: UInt16 = 0
        unsafe mosquitto_property_read_binary(property, identifier, &value, &length, false)
        defer { unsafe free(value) }
        return unsafe Array(
            UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : Int(length))
        )
    }

    var pair: UserProperty {
        var name: UnsafeMutablePointer<CChar>?
        var value: UnsafeMutablePointer<CChar>?
        unsafe mosquitto_property_read_string_pair(property, identifier, &name, &value, false)
        defer {
            unsafe free(name)
            unsafe free(value)
        }
        return unsafe UserProperty(
            name.map { unsafe String(cString: $0) } ?? "",
            unsafe value.map { unsafe String(cString: $0) } ?? ""
        )
    }
}

private func forEachProperty(
    _ list: OpaquePointer?,
    _ body: (mqtt5_property, PropertyReader) -> Void
) {
    var next = unsafe list
    while let property = unsafe next {
        let identifier = unsafe mosquitto_property_identifier(property)
        unsafe body(
            mqtt5_property(UInt32(identifier)),
            PropertyReader(property: property, identifier: identifier)
        )
        unsafe next = mosquitto_property_next(property)
    }
}

extension MessageProperties {
    /// The properties of a message that came; what is not known here is left out.
    init(reading list: OpaquePointer?) {
        self.init()
        unsafe forEachProperty(list) { identifier, reader in
            switch identifier {
            case MQTT_PROP_RESPONSE_TOPIC: responseTopic = reader.string
            case MQTT_PROP_CORRELATION_DATA: correlationData = reader.binary
            case MQTT_PROP_MESSAGE_EXPIRY_INTERVAL: messageExpiry = reader.int32
            case MQTT_PROP_CONTENT_TYPE: contentType = reader.string
            case MQTT_PROP_SUBSCRIPTION_IDENTIFIER:
                subscriptionIdentifiers.append(reader.variable)
            case MQTT_PROP_USER_PROPERTY: userProperties.append(reader.pair)
            default: break
            }
        }
    }
}

extension Acknowledgement {
    init(flags: Int32, reading list: OpaquePointer?) {
        sessionPresent = flags & 1 == 1
        unsafe forEachProperty(list) { identifier, reader in
            switch identifier {
            case MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER: assignedClientID = reader.string
            case MQTT_PROP_MAXIMUM_PACKET_SIZE: maximumPacketSize = reader.int32
            case MQTT_PROP_RECEIVE_MAXIMUM: receiveMaximum = reader.int16
            case MQTT_PROP_SERVER_KEEP_ALIVE: serverKeepAlive = reader.int16
            case MQTT_PROP_RETAIN_AVAILABLE: retainAvailable = reader.byte != 0
            case MQTT_PROP_WILDCARD_SUB_AVAILABLE:
                wildcardSubscriptionAvailable = reader.byte != 0
            case MQTT_PROP_SUBSCRIPTION_ID_AVAILABLE:
                subscriptionIdentifiersAvailable = reader.byte != 0
            default: break
            }
        }
    }
}
