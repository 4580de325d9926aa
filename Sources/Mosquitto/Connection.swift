import CMosquitto
import Glibc

/// One connection to a broker, from CONNECT to its end.
///
/// The object does nothing by itself. Its owner, always on the same thread, waits for the socket
/// and calls ``read(limit:)``, ``write()`` and, once a second, ``tick()``; what happened since is
/// fetched with ``takeEvents()``. Sending only queues: ``write()`` hands the queue to the kernel.
/// Read before you write, so that the reason of a broker that disconnects is not lost to a failing
/// write. There is no reconnecting: the next connection is a new object.
///
/// An object that is let go closes its socket without a DISCONNECT, and the broker publishes the
/// will.
public final class Connection {
    /// How far the connection has come.
    ///
    /// idle → connecting → connected → finished, or from connecting straight to finished.
    enum State {
        case idle
        case connecting
        case connected
        case finished
    }

    /// What the connection was made with.
    public let options: ConnectionOptions

    let library: LibraryObject
    var handle: OpaquePointer { unsafe library.handle }
    /// What may wait for the resolver; `nil` once that is over, and only then the library's object
    /// may be used here.
    var dialing: Dialing?
    var state = State.idle
    var events: [Event] = []
    var identifiers = PacketIdentifiers()

    /// A failure that a callback reported and that another address of the host may mend.
    var failure: Closure?
    /// What the library said about TLS, until the broker has accepted the connection.
    var tlsComplaints: [String] = []
    /// Whether the library is in a read, in which only QoS 1 and 2 are reported as published.
    var isReading = false

    /// Whether this side has asked for the end.
    ///
    /// The library reports its own DISCONNECT and the broker's alike, newer releases within a read.
    var hasDisconnected = false

    var hadPeer = false

    /// The broker's certificate in DER, once the broker has answered, where
    /// ``TLSOptions/keepsCertificate`` is set.
    package internal(set) var certificate: [UInt8]?

    /// By way of what the socket is read and written; `nil` to do so as the library does, and with TLS.
    let buffer: (any SocketBuffer)?

    private var addresses: ArraySlice<String> = []

    /// Prepares a connection; nothing is sent yet.
    ///
    /// Throws `invalidOption`, `invalidTopic` or `invalidProperty` for options that cannot work.
    ///
    /// - Parameter buffer: By way of what the socket is read and written, and nothing else; with TLS it is
    ///   not used.
    public init(
        _ options: ConnectionOptions,
        buffer: (any SocketBuffer)? = nil
    ) throws(MosquittoError) {
        try options.check()
        guard MosquittoLibrary.isInitialized,
            let handle = unsafe mosquitto_new(
                options.clientID.isEmpty ? nil : options.clientID,
                options.cleanStart || options.clientID.isEmpty,
                nil
            )
        else {
            throw .invalidOption(
                "the client identifier \(String(reflecting: options.clientID)) is not possible"
            )
        }
        self.options = options
        self.buffer = options.tls == nil ? buffer : nil
        library = unsafe LibraryObject(handle)
        unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        // Says that the library may not write while it is being told to publish: only write() does.
        unsafe mosquitto_threaded_set(handle, true)
        unsafe Callbacks.install(on: handle)
        try apply(options)
    }

    deinit {
        // What the library says on its way out reaches nobody.
        if dialing == nil { unsafe mosquitto_user_data_set(handle, nil) }
    }

    /// Begins to connect; whether it worked comes as an event.
    ///
    /// Waits neither for the network nor for the resolver. A resolver that does not answer within 8
    /// seconds ends the connection. A host with several addresses is tried address by address when
    /// nobody listens, except with TLS, where the library must know the name and tries the first
    /// address only. There is no time limit for an address that never answers but the keep-alive;
    /// the owner sets its own.
    ///
    /// Throws only what no event can tell, such as a lack of memory.
    public func connect() throws(MosquittoError) {
        precondition(state == .idle, "connect() is called once; the state is \(state)")
        if options.tls == nil, options.port == 0 || HostAddresses.isAddress(options.host) {
            do throws(MosquittoError) {
                return try connect(to: [options.host])
            } catch {
                state = .finished
                throw error
            }
        }
        state = .connecting
        do throws(NoDescriptor) {
            dialing =
                options.tls == nil
                ? try Dialing(host: options.host) : try Dialing(library, options)
        } catch {
            finish(.unreachable(place(options.host, error.description)))
        }
    }

    func connect(to addresses: [String]) throws(MosquittoError) {
        state = .connecting
        self.addresses = addresses[...]
        try connectToNextAddress()
    }

    private func connectToNextAddress() throws(MosquittoError) {
        var last = failure
        failure = nil
        while let address = addresses.popFirst() {
            buffer?.removeAll()
            let (code, cause) = library.begin(options, at: address)
            guard let closure = try closure(of: code, cause, at: address) else { return }
            last = closure
        }
        finish(last ?? .unreachable(options.host))
    }

    func closure(
        of code: Int32,
        _ cause: Int32,
        at address: String
    ) throws(MosquittoError) -> Closure? {
        switch code {
        case 0:
            notePeer()
            return nil
        case Int32(MOSQ_ERR_EAI.rawValue):
            return .hostNotFound(unsafe "\(address): \(String(cString: gai_strerror(cause)))")
        case Int32(MOSQ_ERR_TLS.rawValue):
            // A broker that is near has finished the handshake by now, so this may be either the
            // certificate or what the broker thinks of it.
            return .tls(complaints)
        case Int32(MOSQ_ERR_ERRNO.rawValue), Int32(MOSQ_ERR_CONN_LOST.rawValue):
            let cause = options.port == 0 ? UnixSocket.cause(at: address) ?? cause : cause
            return unsafe .unreachable(place(address, String(cString: strerror(cause))))
        default: throw MosquittoError(code: code, about: "connecting to \(address)")
        }
    }

    /// After a call of the library: goes on with the next address, or ends with what was reported.
    func settle() {
        guard state == .connecting, failure != nil else { return }
        do {
            try connectToNextAddress()
        } catch {
            finish(.lost(error.description))
        }
    }

    /// The end: one last event, and none after it.
    func finish(_ closure: Closure) {
        guard state != .finished else { return }
        state = .finished
        events.append(.closed(closure))
    }

    func place(_ address: String, _ words: String) -> String {
        options.port == 0 ? "\(address): \(words)" : "\(address) port \(options.port): \(words)"
    }

    /// What happened since the last call, oldest first.
    public func takeEvents() -> [Event] {
        var taken: [Event] = []
        swap(&taken, &events)
        return taken
    }

    /// How many publishes of QoS 1 and 2 the broker has not acknowledged.
    public var unacknowledged: Int { identifiers.count }

    /// Whether the broker has accepted the connection and it is not over.
    public var isConnected: Bool { state == .connected }
}
