import CMosquitto
import Glibc

/// The certificate that a broker has shown.
///
/// libmosquitto hands out OpenSSL's object of the connection. OpenSSL itself is in the process
/// because libmosquitto has brought it in, so its three functions are looked up by their names:
/// nothing else need be installed to build this package.
enum PeerCertificate {
    private typealias Get =
        @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
    private typealias Encode =
        @convention(c) (
            UnsafeMutableRawPointer, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?
        )
        -> Int32
    private typealias Free = @convention(c) (UnsafeMutableRawPointer) -> Void

    /// The certificate in DER; `nil` without TLS, or where OpenSSL has none of the functions.
    static func bytes(of handle: OpaquePointer) -> [UInt8]? {
        // OpenSSL 3 has renamed the first one.
        guard let session = unsafe mosquitto_ssl_get(handle),
            let getter = unsafe symbol("SSL_get1_peer_certificate")
                ?? symbol("SSL_get_peer_certificate"),
            let encoder = unsafe symbol("i2d_X509"),
            let freer = unsafe symbol("X509_free")
        else { return nil }
        let get = unsafe unsafeBitCast(getter, to: Get.self)
        let encode = unsafe unsafeBitCast(encoder, to: Encode.self)
        let free = unsafe unsafeBitCast(freer, to: Free.self)
        guard let certificate = unsafe get(session) else { return nil }
        defer { unsafe free(certificate) }
        let length = unsafe encode(certificate, nil)
        guard length > 0 else { return nil }
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
            var place = buffer.baseAddress
            count = Int(max(0, unsafe encode(certificate, &place)))
        }
    }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
        unsafe dlsym(nil, name)
    }
}
