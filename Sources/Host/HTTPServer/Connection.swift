import Glibc
import Synchronization

/// One client's connection. It is made when libmicrohttpd accepts it and known to the table until it closes.
final class Connection: Sendable {
    private struct State {
        /// False from the moment libmicrohttpd is about to close the socket, whose number may then mean another one.
        var open = true
        /// When the client must have done its part; nil while it waits for us.
        var deadline: ContinuousClock.Instant?
        /// The request whose handler has not answered yet.
        var exchange: Exchange?
    }

    let remoteAddress: String
    private let descriptor: Int32
    private let timeout: Duration
    private let state: Mutex<State>

    init(remoteAddress: String, descriptor: Int32, timeout: Duration) {
        self.remoteAddress = remoteAddress
        self.descriptor = descriptor
        self.timeout = timeout
        state = Mutex(State(deadline: .now + timeout * 2))
    }

    /// libmicrohttpd closes silent connections by itself; this catches the ones that drip. Waiting for a request may
    /// take the timeout for silence and the timeout for sending.
    func awaitRequest() {
        state.withLock {
            $0.exchange = nil
            $0.deadline = .now + timeout * 2
        }
    }

    func awaitBody() { state.withLock { $0.deadline = .now + timeout } }

    func awaitAnswer(of exchange: Exchange) {
        state.withLock {
            $0.exchange = exchange
            $0.deadline = nil
        }
    }

    /// The client has to take the answer now.
    func answering() {
        state.withLock {
            $0.exchange = nil
            $0.deadline = .now + timeout
        }
    }

    var exchange: Exchange? { state.withLock { $0.exchange } }

    /// Shuts the socket down if its client is late; libmicrohttpd then sees an end of file and closes it.
    func cutOff(at now: ContinuousClock.Instant) -> Bool {
        state.withLock {
            guard $0.open, let deadline = $0.deadline, deadline < now else { return false }
            $0.deadline = nil
            shutdown(descriptor, Int32(SHUT_RDWR))
            return true
        }
    }

    func closed() { state.withLock { $0.open = false } }
}

/// All open connections. Touched when one opens or closes, not for each request.
final class ConnectionTable: Sendable {
    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    func insert(_ connection: Connection) {
        connections.withLock { $0[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: Connection) {
        connections.withLock { $0[ObjectIdentifier(connection)] = nil }
    }

    var count: Int { connections.withLock { $0.count } }
    var all: [Connection] { connections.withLock { Array($0.values) } }
}
