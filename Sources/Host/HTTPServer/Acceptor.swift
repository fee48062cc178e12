import CMicrohttpd
import Glibc
import Telemetry
import Threading

/// The thread that accepts connections and hands them to libmicrohttpd's event loops in turn.
///
/// The library could listen by itself. But taking its listening socket away again races with its own loops (0.9.75
/// ends the process with "Failed to remove listen FD from epoll set" now and then), and closing the socket is how new
/// clients are told to go elsewhere while old requests finish.
final class Acceptor: Sendable {
    private let stopping = Waker()
    private let thread: WorkerThread

    /// Owns the socket from now on. give: takes over one accepted, non-blocking socket.
    init(
        _ listening: ListeningSocket, isFull: @escaping @Sendable () -> Bool,
        give: @escaping @Sendable (Int32, UnsafePointer<sockaddr>, socklen_t) -> Void
    ) {
        let stopping = stopping
        thread = WorkerThread("http-accept") {
            defer { close(listening.descriptor) }
            while true {
                // While it is full, clients wait in the kernel's queue; a look every so often finds the next gap.
                let isFull = isFull()
                var wanted = [
                    pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: isFull ? -1 : listening.descriptor, events: Int16(POLLIN), revents: 0),
                ]
                poll(&wanted, 2, isFull ? 20 : -1)
                if wanted[0].revents != 0 { return }
                if wanted[1].revents != 0, !acceptOne(listening.descriptor, give) {
                    // Out of descriptors or memory: the client stays in the queue, and trying at once is of no use.
                    poll(&wanted, 1, 100)
                }
            }
        }
    }

    /// Closes the listening socket; from then on the kernel refuses new clients.
    func stop() {
        stopping.wake()
        thread.join()
    }
}

/// False if the process has no room for another connection.
private func acceptOne(
    _ socket: Int32, _ give: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Void
) -> Bool {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
        let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
        let client = accept4(socket, address, &length, microhttpd_socket_flags)
        if client >= 0 {
            give(client, address, length)
            return true
        }
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else { return true }
        Log("http").error("no more connections can be accepted", ["reason": String(cString: strerror(errno))])
        return false
    }
}
