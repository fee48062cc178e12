import Glibc

/// Waits for the signals that end the process, on the thread that asks.
struct Signals {
    private var awaited = sigset_t()

    /// Blocks them for this thread and all it starts from now on. To be called before any other thread exists.
    /// hangUp: SIGHUP is awaited as well and not ignored.
    init(hangUp: Bool = false) {
        signal(SIGPIPE, SIG_IGN)
        sigemptyset(&awaited)
        if hangUp { sigaddset(&awaited, SIGHUP) } else { signal(SIGHUP, SIG_IGN) }
        sigaddset(&awaited, SIGTERM)
        sigaddset(&awaited, SIGINT)
        // For `raiseTermination`.
        pthread_sigmask(SIG_BLOCK, &awaited, nil)
    }

    /// Returns the number of the signal that came.
    func wait() -> Int32 {
        var awaited = awaited
        var number: Int32 = 0
        while sigwait(&awaited, &number) != 0 {}
        return number
    }

    /// Ends the process as a signal from outside would. From any thread.
    static func raiseTermination() { kill(getpid(), SIGTERM) }
}
