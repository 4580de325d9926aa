/// What a certificate says that people get wrong: for whom it is, and from when to when (RFC 5280,
/// 4.1).
///
/// Whether it is to be trusted is OpenSSL's question.
struct Certificate: Hashable {
    /// The Unix second from which on it is good.
    let begin: Int64
    /// The last Unix second at which it is.
    let end: Int64
    /// The names and addresses that it is for.
    let names: [String]

    private static let sequence: UInt8 = 0x30
    private static let set: UInt8 = 0x31
    private static let identifier: UInt8 = 0x06
    private static let commonName: [UInt8] = [0x55, 0x04, 0x03]
    private static let alternativeNames: [UInt8] = [0x55, 0x1D, 0x11]

    /// Reads a certificate in DER; `nil` where it is none.
    init?(_ bytes: [UInt8]) {
        var file = DERReader(bytes[...])
        guard var whole = file.next(Self.sequence)?.parts,
            var body = whole.next(Self.sequence)?.parts,
            var element = body.next()
        else { return nil }
        // The version may be left out, and then comes the number.
        if element.tag == 0xA0 {
            guard let number = body.next() else { return nil }
            element = number
        }
        // Behind the number: the algorithm, the issuer, the dates, the subject, and the key.
        guard body.next(Self.sequence) != nil, body.next(Self.sequence) != nil,
            var dates = body.next(Self.sequence)?.parts,
            let begin = dates.next().flatMap(Self.time),
            let end = dates.next().flatMap(Self.time),
            let subject = body.next(Self.sequence), body.next(Self.sequence) != nil
        else { return nil }
        (self.begin, self.end) = (begin, end)
        var alternatives: [String] = []
        while let more = body.next() {
            if more.tag == 0xA3 { alternatives = Self.alternatives(in: more) }
        }
        names = alternatives.isEmpty ? Self.commonNames(in: subject) : alternatives
    }

    func isGood(at second: Int64) -> Bool { begin <= second && second <= end }

    /// Whether it is for a host, a name or an address (RFC 6125, 6.4).
    func isFor(_ host: String) -> Bool {
        let host = host.lowercased()
        return names.contains { name in
            let name = name.lowercased()
            if name == host { return true }
            guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
            return host[dot...] == name.dropFirst()
        }
    }

    // MARK: - Its parts

    private static func commonNames(in subject: DERReader.Element) -> [String] {
        var names: [String] = []
        var parts = subject.parts
        while let part = parts.next(set) {
            var pairs = part.parts
            while var pair = pairs.next(sequence)?.parts {
                guard let key = pair.next(identifier), let value = pair.next(),
                    key.content.elementsEqual(commonName)
                else { continue }
                names.append(String(decoding: value.content, as: UTF8.self))
            }
        }
        return names
    }

    private static func alternatives(in extensions: DERReader.Element) -> [String] {
        var outer = extensions.parts
        guard var list = outer.next(sequence)?.parts else { return [] }
        while var one = list.next(sequence)?.parts {
            guard let key = one.next(identifier), key.content.elementsEqual(alternativeNames) else {
                continue
            }
            // Between the two it may say whether it is critical.
            var value = one.next()
            if value?.tag == 0x01 { value = one.next() }
            guard let value, value.tag == 0x04 else { return [] }
            var wrapped = value.parts
            guard var names = wrapped.next(sequence)?.parts else { return [] }
            return Self.names(&names)
        }
        return []
    }

    private static func names(_ reader: inout DERReader) -> [String] {
        var names: [String] = []
        while let name = reader.next() {
            switch (name.tag, name.content.count) {
            case (0x82, _): names.append(String(decoding: name.content, as: UTF8.self))
            case (0x87, 4): names.append(name.content.map(String.init).joined(separator: "."))
            case (0x87, 16): names.append(address(Array(name.content)))
            default: break
            }
        }
        return names
    }

    /// An IPv6 address as RFC 5952 writes it, but for an embedded IPv4 address.
    private static func address(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = end
        }
        func words(_ part: Range<Int>) -> String {
            groups[part].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return words(0..<8) }
        return "\(words(0..<longest.lowerBound))::\(words(longest.upperBound..<8))"
    }

    /// A time, always UTC: two digits for the year or four.
    private static func time(_ element: DERReader.Element) -> Int64? {
        let text = element.content
        guard text.last == UInt8(ascii: "Z") else { return nil }
        var digits = text.dropLast().compactMap { byte in
            (0x30...0x39).contains(byte) ? Int64(byte) - 0x30 : nil
        }
        guard digits.count == text.count - 1 else { return nil }
        switch (element.tag, digits.count) {
        case (0x17, 12): digits = (digits[0] < 5 ? [2, 0] : [1, 9]) + digits
        case (0x18, 14): break
        default: return nil
        }
        func number(_ place: Range<Int>) -> Int64 { digits[place].reduce(0) { $0 * 10 + $1 } }
        let (month, day) = (number(4..<6), number(6..<8))
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let days = Self.days(year: number(0..<4), month: month, day: day)
        return days * 86_400 + number(8..<10) * 3_600 + number(10..<12) * 60 + number(12..<14)
    }

    /// The days from 1970 to a date of the Gregorian calendar.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        // Years that begin in March have the leap day at their end.
        let shifted = month > 2 ? year : year - 1
        let month = (month + 9) % 12
        let leaps = shifted / 4 - shifted / 100 + shifted / 400
        // 719,468 days lie between March of the year 0 and 1970.
        return shifted * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
    }
}
