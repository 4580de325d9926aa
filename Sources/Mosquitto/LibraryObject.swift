import CMosquitto

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The library's object behind a connection, which goes when nobody uses it any more.
///
/// One thread at a time uses it: that of the connection's owner, except for a ``Dialing``.
final class LibraryObject: @unchecked Sendable {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit {
        // With TLS it says goodbye on the socket, on whichever thread it is let go.
        PipeSignal.withheld { mosquitto_destroy(handle) }
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
            () -> (code: Int32, cause: Int32) in
            mosquitto_user_data_set(handle, Unmanaged.passUnretained(complaints).toOpaque())
            mosquitto_log_callback_set(handle) { _, data, level, text in
                guard level == MOSQ_LOG_ERR, let text, let data else { return }
                Unmanaged<Complaints>.fromOpaque(data).takeUnretainedValue()
                    .texts.append(String(cString: text))
            }
            defer { mosquitto_user_data_set(handle, nil) }
            return PipeSignal.withheld {
                errno = 0
                let code = mosquitto_connect_bind_async(
                    handle,
                    options.host,
                    Int32(options.port),
                    Int32(options.keepAlive),
                    nil
                )
                return (code, errno)
            }
        }
        return .begun(code: code, cause: cause, complaints: complaints.texts)
    }
}
