import Glibc
import Synchronization

/// Lets another thread end a connection that its own thread is stuck in, for instance in a write to a broker
/// that reads no more: the socket is shut down, not closed, so the descriptor stays its owner's.
final class Lifeline: Sendable {
    private let descriptor = Mutex<Int32?>(nil)

    /// By the connection's thread, once there is a socket.
    func hold(_ socket: Int32) { descriptor.withLock { $0 = socket } }

    /// By the connection's thread, before it closes the socket and the number may become another's.
    func letGo() { descriptor.withLock { $0 = nil } }

    /// From any thread. The blocked call then fails.
    func cut() { descriptor.withLock { if let socket = $0 { _ = shutdown(socket, Int32(SHUT_RDWR)) } } }
}
