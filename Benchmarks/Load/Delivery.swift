import Foundation

/// A message that a client of the bench was sent; its bytes are there only while it is looked at.
struct Delivery {
    /// The number of the client.
    let client: Int
    /// The topic.
    let topic: UnsafeRawBufferPointer
    /// The payload.
    let payload: UnsafeRawBufferPointer

    /// The topic as text.
    var topicText: String { String(decoding: topic, as: UTF8.self) }
    /// The payload as text.
    var text: String { String(decoding: payload, as: UTF8.self) }

    /// Whether it is an answer that refuses a request.
    var isRefusal: Bool {
        String(decoding: payload.prefix(64), as: UTF8.self).contains(#""error":"#)
    }

    /// How many statuses there are in a batch of events: each has one `seq`.
    var statusCount: Int {
        let pattern = StaticString(#""seq":"#)
        return pattern.withUTF8Buffer { pattern in
            guard payload.count >= pattern.count else { return 0 }
            return (0...(payload.count - pattern.count)).count { place in
                payload[place] == pattern[0] && payload[place + 1] == pattern[1]
                    && payload[place..<(place + pattern.count)].elementsEqual(pattern)
            }
        }
    }

    /// The number that stands in the payload right behind a text; `nil` if there is none.
    func number(after prefix: String) -> Int? {
        let text = text
        guard let place = text.range(of: prefix)?.upperBound else { return nil }
        return Int(text[place...].prefix { $0.isNumber })
    }

    /// The number at the end of the topic, behind its last character that is no digit.
    var trailingNumber: Int {
        var place = topic.count
        var value = 0
        var scale = 1
        while place > 0, case let digit = topic[place - 1], (0x30...0x39).contains(digit) {
            value += Int(digit - 0x30) * scale
            scale *= 10
            place -= 1
        }
        return value
    }
}
