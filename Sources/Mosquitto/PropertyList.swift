import CMosquitto

/// A list of properties on its way to the library.
///
/// The library copies what it is given, except for the properties of a will, which it takes over:
/// hence a value that cannot be copied, frees itself, and can be given away once.
@safe struct PropertyList: ~Copyable {
    private var head: OpaquePointer?

    init() {}

    init(_ properties: MessageProperties) throws(MosquittoError) {
        if let expiry = properties.messageExpiry {
            add(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, expiry)
        }
        if let topic = properties.responseTopic {
            try add(MQTT_PROP_RESPONSE_TOPIC, topic, named: "Response Topic")
        }
        if let type = properties.contentType {
            try add(MQTT_PROP_CONTENT_TYPE, type, named: "Content Type")
        }
        if let data = properties.correlationData {
            guard let length = UInt16(exactly: data.count) else {
                throw .invalidProperty(
                    "Correlation Data has 65,535 bytes at most; this has \(data.count)"
                )
            }
            let code = unsafe data.withUnsafeBytes { bytes in
                unsafe mosquitto_property_add_binary(
                    &head,
                    Int32(MQTT_PROP_CORRELATION_DATA.rawValue),
                    bytes.baseAddress,
                    length
                )
            }
            try check(code, "Correlation Data")
        }
        for property in properties.userProperties {
            try rejectNul(property.name, "the name of a User Property")
            try rejectNul(property.value, "the User Property \(property.name)")
            let code = unsafe mosquitto_property_add_string_pair(
                &head,
                Int32(MQTT_PROP_USER_PROPERTY.rawValue),
                property.name,
                property.value
            )
            try check(code, "the User Property \(property.name)")
        }
    }

    deinit {
        var head = unsafe head
        unsafe mosquitto_property_free_all(&head)
    }

    func withPointer<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        unsafe body(head)
    }

    /// Lends the list to a call that takes it over when it returns 0.
    consuming func give(to body: (OpaquePointer?) -> Int32) -> Int32 {
        let code = unsafe body(head)
        if code == 0 {
            unsafe head = nil
        }
        return code
    }

    mutating func add(_ property: mqtt5_property, _ value: UInt32) {
        unsafe mosquitto_property_add_int32(&head, Int32(property.rawValue), value)
    }

    /// Adds an integer of variable length, at most 268,435,455.
    mutating func addVariable(_ property: mqtt5_property, _ value: UInt32) {
        unsafe mosquitto_property_add_varint(&head, Int32(property.rawValue), value)
    }

    private mutating func add(
        _ property: mqtt5_property,
        _ value: String,
        named name: String
    ) throws(MosquittoError) {
        try rejectNul(value, name)
        unsafe try check(
            mosquitto_property_add_string(&head, Int32(property.rawValue), value),
            name
        )
    }

    private func check(_ code: Int32, _ name: String) throws(MosquittoError) {
        guard code == 0 else {
            throw .invalidProperty("\(name) is longer than 65,535 bytes or has a control character")
        }
    }

    /// A NUL would silently cut the text at the border to C.
    private func rejectNul(_ text: String, _ name: String) throws(MosquittoError) {
        if text.utf8.contains(0) {
            throw .invalidProperty("\(name) contains the character U+0000, which MQTT forbids")
        }
    }
}
