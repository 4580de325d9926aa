import CMosquitto
import Glibc

/// The library's object behind a connection, which goes when nobody uses it any more.
///
/// One thread at a time uses it: that of the connection's owner, except for a ``Dialing``.
@safe final class LibraryObject: @unchecked Sendable {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit {
        // With TLS it says goodbye on the socket, on whichever thread it is let go.
        PipeSignal.withheld { unsafe mosquitto_destroy(handle) }
    }

    /// What the library returned, and what `errno` said then.
    typealias Result = (code: Int32, cause: Int32)

    /// Calls the library; where it writes by OpenSSL, SIGPIPE is withheld.
    static func call(withholdingPipe isTLS: Bool, _ body: () -> Int32) -> Result {
        func result() -> Result {
            errno = 0
            let code = body()
            return (code, errno)
        }
        return isTLS ? PipeSignal.withheld(result) : result()
    }

    func begin(_ options: ConnectionOptions, at host: String) -> Result {
        Self.call(withholdingPipe: options.tls != nil) {
            unsafe mosquitto_connect_bind_async(
                handle,
                host,
                Int32(options.port),
                Int32(options.keepAlive),
                nil
            )
        }
    }

    /// What the library complains of while it connects.
    private final class Complaints {
        var texts: [String] = []
    }

    /// Begins to connect with TLS.
    ///
    /// The host is looked up by itself first: while the process has no connection with TLS yet, one
    /// thread at a time calls the library, and must not wait for the resolver for long.
    func connect(_ options: ConnectionOptions) -> Dialing.Outcome {
        if options.port != 0 {
            let outcome = HostAddresses.lookUp(options.host)
            guard case .found = outcome else { return .resolved(outcome) }
        }
        let complaints = Complaints()
        let (code, cause) = FirstTLSConnection.ofProcess.begin {
            unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(complaints).toOpaque())
            unsafe mosquitto_log_callback_set(handle) { _, data, level, text in
                guard level == MOSQ_LOG_ERR, let text = unsafe text, let data = unsafe data else {
                    return
                }
                unsafe Unmanaged<Complaints>.fromOpaque(data).takeUnretainedValue()
                    .texts.append(String(cString: text))
            }
            defer { unsafe mosquitto_user_data_set(handle, nil) }
            return begin(options, at: options.host)
        }
        return .begun(code: code, cause: cause, complaints: complaints.texts)
    }
}
