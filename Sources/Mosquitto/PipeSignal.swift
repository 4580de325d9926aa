import Glibc

/// Keeps a write to a connection that the broker has closed from ending the process.
///
/// The kernel answers such a write with an error, and with SIGPIPE, which ends a process that does
/// not ignore it. libmosquitto asks for no signal where it writes by itself (since 2.0.15; before, it
/// ignored the signal for the whole process). With TLS it is OpenSSL that writes, and OpenSSL cannot
/// be asked. So the signal is blocked in the thread for as long as the library is called, and what has
/// come is taken away. An app's own way with SIGPIPE stays as it is, and so does what its
/// children inherit: ignoring the signal would have changed both.
enum PipeSignal {
    /// Calls the body with SIGPIPE withheld from this thread.
    ///
    /// `errno` is as the body leaves it.
    static func withheld<Result>(_ body: () -> Result) -> Result {
        var pipe = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        var before = sigset_t()
        // One that waits already, since the caller blocks it, is the caller's.
        guard !isPending, unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0 else {
            return body()
        }
        let result = body()
        let cause = errno
        if isPending {
            var now = timespec(tv_sec: 0, tv_nsec: 0)
            while unsafe sigtimedwait(&pipe, nil, &now) == -1, errno == EINTR {}
        }
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = cause
        return result
    }

    private static var isPending: Bool {
        var pending = sigset_t()
        return unsafe sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1
    }
}
