import Glibc
import Synchronization
import Threading

/// One client's connection. It is made when libmicrohttpd accepts it and known to the table until it closes.
final class Connection: Sendable {
    private struct State {
        /// False from the moment libmicrohttpd is about to close the socket, whose number may then mean another one.
        var open = true
        /// When the client must have done its part; nil while it waits for us.
        var deadline: ContinuousClock.Instant?
        /// The request whose handler has not answered yet.
        var exchange: Exchange?
        /// The body that is being written while it is sent.
        var stream: ResponseStream?
    }

    let remoteAddress: String
    /// Wakes the loop that runs this connection.
    let loop: Waker
    private let descriptor: Int32
    private let timeout: Duration
    private let state: Mutex<State>

    init(remoteAddress: String, descriptor: Int32, timeout: Duration, loop: Waker) {
        self.remoteAddress = remoteAddress
        self.descriptor = descriptor
        self.timeout = timeout
        self.loop = loop
        state = Mutex(State(deadline: .now + timeout * 2))
    }

    /// libmicrohttpd closes silent connections by itself; this catches the ones that drip. Waiting for a request may
    /// take the timeout for silence and the timeout for sending.
    func awaitRequest() {
        state.withLock {
            $0.exchange = nil
            $0.stream = nil
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

    /// The answer takes as long as it takes; whoever writes it watches over the client.
    func streaming(_ stream: ResponseStream) {
        state.withLock {
            $0.exchange = nil
            $0.stream = stream
            $0.deadline = nil
        }
    }

    /// Ends a stream. Its client has a moment to take what waits.
    func endStream(within time: Duration) {
        let stream = state.withLock { state in
            if state.stream != nil, state.deadline == nil { state.deadline = .now + time }
            return state.stream
        }
        stream?.end()
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

    /// Bytes that have come and that nobody has read; nil if there are none or it is closed.
    var unread: Int? {
        state.withLock {
            var count: Int32 = 0
            guard $0.open, ioctl(descriptor, UInt(FIONREAD), &count) == 0, count > 0 else { return nil }
            return Int(count)
        }
    }

    /// Shuts the socket down, as if its client were late.
    func cutOff() {
        state.withLock { if $0.open { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    func closed() { state.withLock { $0.open = false } }
}
