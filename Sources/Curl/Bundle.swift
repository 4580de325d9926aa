import CCurl

/// libcurl's handle of many transfers.
///
/// One thread uses it, but for ``wake()``, which the library allows on any thread as long as the handle is there.
@safe final class Bundle: @unchecked Sendable {
    /// The library's global state is set up once, and stays until the process ends.
    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let handle: UnsafeMutableRawPointer
    /// Ends of transfers that were seen and not taken.
    private var finished: [(Transfers.Number, CURLcode)] = []

    init() throws(TransferFailure) {
        guard Self.isInitialized, let handle = unsafe curl_multi_init() else {
            throw TransferFailure("libcurl has no memory, or no descriptors")
        }
        unsafe self.handle = unsafe handle
    }

    deinit { unsafe _ = curl_multi_cleanup(handle) }

    var finishedCount: Int { finished.count }

    func add(_ transfer: Transfer) throws(TransferFailure) {
        let code = unsafe curl_multi_add_handle(handle, transfer.handle)
        guard code == CURLM_OK else {
            throw TransferFailure(unsafe String(cString: curl_multi_strerror(code)))
        }
    }

    func remove(_ transfer: Transfer) {
        unsafe _ = curl_multi_remove_handle(handle, transfer.handle)
    }

    func perform() {
        var running: Int32 = 0
        unsafe _ = curl_multi_perform(handle, &running)
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let number = unsafe Transfer.number(of: message.pointee.easy_handle)
            else { continue }
            finished.append((number, unsafe presence_result(message)))
        }
    }

    func takeFinished() -> [(Transfers.Number, CURLcode)] {
        defer { finished = [] }
        return finished
    }

    func poll(milliseconds: Int) {
        unsafe _ = curl_multi_poll(handle, nil, 0, Int32(clamping: milliseconds), nil)
    }

    func wake() { unsafe _ = curl_multi_wakeup(handle) }
}
