import CCurl

/// One request under way: libcurl's handle of it, and what it receives.
@safe final class Transfer {
    let handle: UnsafeMutableRawPointer
    let number: Transfers.Number
    private let longestAnswer: Int
    private let onBody: (([UInt8]) -> Bool)?
    private var body: [UInt8] = []
    /// Whether the head of the answer has come to its end.
    private var hasHead = false
    private var fields: UnsafeMutablePointer<curl_slist>?

    init(
        _ request: HTTPRequest,
        number: Transfers.Number,
        onBody: (([UInt8]) -> Bool)?
    ) throws(TransferFailure) {
        guard let handle = unsafe curl_easy_init() else {
            throw TransferFailure("libcurl has no memory")
        }
        unsafe self.handle = unsafe handle
        self.number = number
        self.onBody = onBody
        longestAnswer = request.longestAnswer
        unsafe fields = nil
        try set(request)
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(fields)
    }

    /// The number of the transfer that has a handle.
    static func number(of handle: UnsafeMutableRawPointer?) -> Transfers.Number? {
        guard let handle = unsafe handle else { return nil }
        var context: UnsafeMutableRawPointer?
        unsafe _ = presence_context(handle, &context)
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().number
    }

    private func set(_ request: HTTPRequest) throws(TransferFailure) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try check(unsafe presence_set_pointer(handle, CURLOPT_PRIVATE, context))
        try set(CURLOPT_URL, request.url)
        // Nothing else than HTTP, wherever an answer points to; and no signals, since there are threads.
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.connecting)
        if let patience = request.patience { try set(CURLOPT_TIMEOUT_MS, patience) }
        // Whoever waits for a name is left to itself when the transfer is over.
        try check(unsafe presence_set_quick_exit(handle))
        if let cafile = request.cafile {
            try set(CURLOPT_CAINFO, cafile)
            // The system's authorities are in a folder, too.
            try check(unsafe presence_set_text(handle, CURLOPT_CAPATH, nil))
        }
        if let socket = request.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, socket) }
        if let body = request.body {
            try check(
                unsafe body.withUnsafeBytes {
                    unsafe presence_set_body(
                        handle,
                        $0.baseAddress,
                        curl_off_t($0.count)
                    )
                }
            )
        }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
        // Without it the library asks first whether a long body may come, and waits a second for the answer.
        for (name, value) in request.headers + [("Expect", "")] {
            let field = value.isEmpty ? "\(name):" : "\(name): \(value)"
            guard let longer = unsafe curl_slist_append(fields, field) else {
                throw TransferFailure("libcurl has no memory")
            }
            unsafe fields = unsafe longer
        }
        try check(unsafe presence_set_pointer(handle, CURLOPT_HTTPHEADER, fields))
        try check(
            unsafe presence_set_receivers(
                handle,
                { bytes, size, count, context in
                    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context)
                        .takeUnretainedValue()
                    let part = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return unsafe transfer.receive(Array(part)) ? size * count : 0
                },
                { bytes, size, count, context in
                    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context)
                        .takeUnretainedValue()
                    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                    unsafe transfer.receive(line: Array(line))
                    return size * count
                },
                context
            )
        )
    }

    /// Notes where the head of the answer ends; that of a preliminary one (RFC 9110, section 15.2) is followed by
    /// another.
    private func receive(line: [UInt8]) {
        if line.starts(with: Array("HTTP/".utf8)) { hasHead = false }
        if line == Array("\r\n".utf8) || line == Array("\n".utf8) { hasHead = true }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(TransferFailure) {
        try check(unsafe presence_set_number(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(TransferFailure) {
        try check(unsafe presence_set_text(handle, option, value))
    }

    private func check(_ code: CURLcode) throws(TransferFailure) {
        guard code == CURLE_OK else { throw TransferFailure(code) }
    }

    private func receive(_ part: [UInt8]) -> Bool {
        if let onBody { return onBody(part) }
        body += part.prefix(max(0, longestAnswer - body.count))
        return true
    }

    /// What became of it, once the library says that it is over.
    func outcome(_ code: CURLcode) -> Transfers.Outcome {
        guard code == CURLE_OK else { return .failure(TransferFailure(code)) }
        guard hasHead else {
            return .failure(TransferFailure("the answer ends before its head does"))
        }
        return .success(
            HTTPResponse(
                status: unsafe presence_status(handle),
                body: body,
                retryAfter: field("Retry-After"),
                location: field("Location")
            )
        )
    }

    /// The value of a field of the answer.
    private func field(_ name: String) -> String? {
        var header: UnsafeMutablePointer<curl_header>?
        guard
            unsafe curl_easy_header(handle, name, 0, UInt32(CURLH_HEADER), -1, &header)
                == CURLHE_OK,
            let header = unsafe header, let value = unsafe header.pointee.value
        else { return nil }
        return unsafe String(cString: value)
    }
}
