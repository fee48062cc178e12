import CMicrohttpd
import Glibc

/// A running libmicrohttpd. Used by the server alone: started, told to stop listening, closed, in this order.
struct MHDDaemon: @unchecked Sendable {
    private let daemon: OpaquePointer
    private let socket: Int32
    // Retained for the callbacks; released by `close`, when there will be no more of them.
    private let core: Unmanaged<ServerCore>

    init(_ core: ServerCore, on listening: ListeningSocket) throws(HTTPServerError) {
        let configuration = core.configuration
        let retained = Unmanaged.passRetained(core)
        var settings = microhttpd_settings()
        settings.listen_socket = listening.descriptor
        settings.threads = UInt32(configuration.threads)
        settings.connections_max = UInt32(max(configuration.connections, configuration.threads))
        settings.connections_per_address_max = UInt32(configuration.connectionsPerAddress)
        settings.timeout_seconds = UInt32(max(1, configuration.requestTimeout.components.seconds))
        // Half of the pool is the input buffer at first; it also holds the parsed fields and the answer's headers.
        settings.connection_memory_bytes = max(configuration.headerBytes * 2, 8 << 10)
        settings.access = accessHandler
        settings.completed = requestCompleted
        settings.notify_connection = connectionChanged
        settings.context = retained.toOpaque()
        errno = 0
        guard let daemon = microhttpd_start(&settings) else {
            let reason = errno == 0 ? "libmicrohttpd refused its settings" : String(cString: strerror(errno))
            Glibc.close(listening.descriptor)
            retained.release()
            throw HTTPServerError("cannot start the HTTP server on port \(listening.port): \(reason)")
        }
        self.daemon = daemon
        socket = listening.descriptor
        self.core = retained
    }

    /// New connections are refused from now on. libmicrohttpd gives the socket back, but may look at it until it is
    /// closed itself; so it is only shut down here, which turns clients away at once, and closed in `close`.
    func stopListening() {
        MHD_quiesce_daemon(daemon)
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Closes all connections and joins the event loops. No connection may be suspended.
    func close() {
        MHD_stop_daemon(daemon)
        Glibc.close(socket)
        core.release()
    }
}
