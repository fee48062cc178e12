import CMicrohttpd
import Glibc
import Threading

/// One thread that runs a libmicrohttpd with a share of the connections.
///
/// The library has threads of its own, but with them 0.9.75 can fall asleep over its work: when one `epoll_wait`
/// returns exactly its 128 events, it waits again, for up to the connection timeout, before it looks at them. 128
/// busy connections on a loop are enough to see that. `MHD_run` never waits; this loop does the waiting. Without
/// threads the library does not wake anybody on a resume either, so whoever resumes a connection wakes its loop.
final class EventLoop: @unchecked Sendable {
    // Used by the loop's thread alone, but for MHD_resume_connection, which may be called from any.
    private let daemon: OpaquePointer
    // Retained for the callbacks; released when there will be no more of them.
    private let context: Unmanaged<LoopContext>
    private let accepted = Mailbox<AcceptedSocket>()
    private let waker: Waker
    private let connections: ConnectionTable
    private let number: Int
    private var thread: WorkerThread?

    init(_ core: ServerCore, number: Int) throws(HTTPServerError) {
        let configuration = core.configuration
        waker = Waker()
        connections = core.connections
        context = Unmanaged.passRetained(LoopContext(core: core, waker: waker))
        var settings = microhttpd_settings()
        settings.connections_max = UInt32(configuration.connections)
        settings.timeout_seconds = UInt32(max(1, configuration.requestTimeout.components.seconds))
        // Half of the pool is the input buffer at first; it also holds the parsed fields and the answer's headers.
        settings.connection_memory_bytes = max(configuration.headerBytes * 2, 8 << 10)
        settings.access = accessHandler
        settings.completed = requestCompleted
        settings.notify_connection = connectionChanged
        settings.context = context.toOpaque()
        errno = 0
        guard let daemon = microhttpd_start(&settings) else {
            let reason = errno == 0 ? "libmicrohttpd refused its settings" : String(cString: strerror(errno))
            context.release()
            throw HTTPServerError("cannot start the HTTP server: \(reason)")
        }
        self.daemon = daemon
        self.number = number
    }

    func start() {
        thread = WorkerThread("http-loop-\(number)") { self.run() }
    }

    /// From the acceptor's thread. Takes the socket over.
    func add(_ socket: AcceptedSocket) {
        accepted.post(socket)
        waker.wake()
    }

    /// Closes all connections and joins the thread. No connection may be suspended, none may be added. Also for a
    /// loop that was never started.
    func stop() {
        accepted.close()
        waker.wake()
        if let thread { thread.join() } else { closeDown() }
    }

    private func run() {
        var wanted = [
            pollfd(fd: microhttpd_epoll_descriptor(daemon), events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        var watch = CircleWatch()
        let context = context.takeUnretainedValue()
        while !accepted.isClosed {
            let calls = context.calls
            poll(&wanted, 2, waitMilliseconds())
            if wanted[1].revents != 0 {
                waker.clear()
                for socket in accepted.takeAll(until: .now) { take(socket) }
            }
            MHD_run(daemon)
            watch.ran(wasUseful: context.calls != calls || waitMilliseconds() != 0) {
                connections.all.filter { $0.loop === waker }
            }
        }
        closeDown()
    }

    /// Until the library has to look at a connection's timeout; 0 if it has work at hand.
    private func waitMilliseconds() -> Int32 {
        var milliseconds: UInt64 = 0
        return MHD_get_timeout(daemon, &milliseconds) == .YES ? Int32(min(milliseconds, 60_000)) : -1
    }

    private func take(_ socket: AcceptedSocket) {
        var address = socket.address
        withUnsafeBytes(of: &address) { bytes in
            let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            // Beyond a limit the library closes the socket itself.
            if MHD_add_connection(daemon, socket.descriptor, address, socket.addressBytes) == .NO {
                connections.release(socket.addressText)
            }
        }
    }

    private func closeDown() {
        for socket in accepted.takeAll(until: .now) { close(socket.descriptor) }
        MHD_stop_daemon(daemon)
        context.release()
    }
}

/// What the callbacks of one loop get.
final class LoopContext: @unchecked Sendable {
    let core: ServerCore
    let waker: Waker
    /// How often the library has called us. Of the loop's thread.
    var calls = 0

    init(core: ServerCore, waker: Waker) {
        self.core = core
        self.waker = waker
    }
}
