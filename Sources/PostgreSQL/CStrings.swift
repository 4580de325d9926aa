/// Texts as C takes a list of them: pointers, and one more that is null.
enum CStrings {
    static func with<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        let places = texts.map { text in
            defer { bytes += text.utf8CString }
            return bytes.count
        }
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            var pointers = unsafe places.map { place in
                unsafe bytes.baseAddress.map { unsafe $0 + place }
            }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeBufferPointer { pointers in
                unsafe body(pointers.baseAddress)
            }
        }
    }
}
