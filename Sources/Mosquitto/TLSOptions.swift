/// How the connection is encrypted.
public struct TLSOptions: Hashable, Sendable {
    /// The authorities that may have signed the broker's certificate, a PEM file; `nil` for those
    /// that the system trusts.
    public var certificateAuthorityFile: String?
    /// The client's own certificate, a PEM file.
    public var certificateFile: String?
    /// The key that belongs to the client's certificate, a PEM file without a password.
    public var keyFile: String?
    /// Whether a certificate for another host name is accepted.
    ///
    /// For tests only.
    public var acceptsAnyHostName = false
    /// Whether the broker's certificate is kept as ``Connection/certificate``.
    package var keepsCertificate = false
    /// Whether any certificate is accepted, to look at it: on a connection that says nothing which others
    /// must not read.
    package var acceptsAnyCertificate = false

    /// Encryption by what the system trusts, unless an authority is named.
    public init(certificateAuthorityFile: String? = nil) {
        self.certificateAuthorityFile = certificateAuthorityFile
    }
}
