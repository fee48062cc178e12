import CMicrohttpd
import Glibc

/// A running libmicrohttpd with its event loops. Made, fed by the acceptor, and closed by the server.
final class MHDDaemon: @unchecked Sendable {
    // The library's calls on a daemon may come from any thread.
    private let daemon: OpaquePointer
    // Retained for the callbacks; released by `close`, when there will be no more of them.
    private let core: Unmanaged<ServerCore>

    init(_ core: ServerCore) throws(HTTPServerError) {
        let configuration = core.configuration
        let retained = Unmanaged.passRetained(core)
        var settings = microhttpd_settings()
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
            retained.release()
            throw HTTPServerError("cannot start the HTTP server: \(reason)")
        }
        self.daemon = daemon
        self.core = retained
    }

    /// Takes the socket over, whatever becomes of it: beyond a limit it is closed at once.
    func add(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) {
        MHD_add_connection(daemon, socket, address, length)
    }

    /// Closes all connections and joins the event loops. No connection may be suspended, none may be added.
    func close() {
        MHD_stop_daemon(daemon)
        core.release()
    }
}
