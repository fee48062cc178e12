import CMicrohttpd
import Glibc
import Synchronization
import Threading

/// A body that is written while it is being sent. Whoever answers keeps it and writes to it, from any thread; the
/// server's event loop takes what waits, and no thread belongs to it.
///
///     waiting to be sent ─ attached ─► open ─ all taken ─► suspended ─ write, end ─► open
///            └─ answer dropped ─┐       └── client gone, or ended and all taken ──┐
///                               └──────────────► closed ◄─────────────────────────┘
///
/// A connection is suspended while there is nothing to send, and then libmicrohttpd does not look at its socket: that
/// a client has left shows at the next write.
package final class ResponseStream: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        /// Of `waiting`, bytes at its beginning that have been taken.
        var taken = 0
        var isEnded = false
        var isClosed = false
        /// Set while libmicrohttpd has the connection suspended; whoever takes it out resumes the connection.
        var suspended: SuspendedConnection?
        var lastTaken = ContinuousClock.now

        var waitingBytes: Int { waiting.count - taken }
    }

    private let state = Mutex(State())

    package init() {}

    /// Appends to the body. False if nobody will read it any more.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        change { state in
            guard !state.isEnded, !state.isClosed else { return false }
            if state.waitingBytes == 0 { state.lastTaken = .now }
            state.waiting.append(contentsOf: bytes)
            return true
        }
    }

    /// The body ends after what has been written.
    package func end() {
        _ = change { state in
            state.isEnded = true
            return true
        }
    }

    /// True when the last byte was taken or the client is gone.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Bytes that the client has not been sent, and since when it has not taken any of them.
    package var backlog: (bytes: Int, since: ContinuousClock.Instant) {
        state.withLock { ($0.waitingBytes, $0.lastTaken) }
    }

    /// For a stream that no connection will take. Also called when the connection is done with it.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.waiting = []
            state.taken = 0
        }
    }

    /// On the connection's event loop, for libmicrohttpd's content reader: how many bytes were put into `buffer`; 0
    /// after suspending the connection; nil at the end of the body.
    func take(into buffer: UnsafeMutableRawBufferPointer, for connection: SuspendedConnection) -> Int? {
        state.withLock { state in
            let count = min(buffer.count, state.waitingBytes)
            guard count > 0 else {
                if state.isEnded { return nil }
                // Under the lock: nobody may resume it before it is suspended.
                MHD_suspend_connection(connection.handle)
                state.suspended = connection
                return 0
            }
            state.waiting.withUnsafeBytes { waiting in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: waiting[state.taken..<state.taken + count]))
            }
            state.taken += count
            state.lastTaken = .now
            if state.taken == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: state.waiting.capacity <= Self.bytesKept)
                state.taken = 0
            } else if state.taken >= max(Self.bytesKept, state.waitingBytes) {
                // A client that is always a little behind must not keep what it has taken.
                state.waiting.removeFirst(state.taken)
                state.taken = 0
            }
            return count
        }
    }

    private static let bytesKept = 64 << 10

    /// Resumes the connection after a change, if it is suspended: libmicrohttpd keeps a suspended connection alive,
    /// so it is there.
    private func change(_ body: (inout State) -> Bool) -> Bool {
        let (result, suspended) = state.withLock { state in
            let result = body(&state)
            defer { state.suspended = nil }
            return (result, state.suspended)
        }
        suspended?.resume()
        return result
    }
}

/// A connection that waits for more of its answer's body.
struct SuspendedConnection: @unchecked Sendable {
    let handle: OpaquePointer
    let loop: Waker

    func resume() {
        MHD_resume_connection(handle)
        loop.wake()
    }
}

/// What libmicrohttpd's content reader gets: the stream and the connection that takes it.
final class StreamReading: Sendable {
    private let stream: ResponseStream
    private let connection: SuspendedConnection

    init(_ stream: ResponseStream, _ connection: SuspendedConnection) {
        self.stream = stream
        self.connection = connection
    }

    /// When libmicrohttpd frees the response: its connection is done with it.
    deinit { stream.close() }

    /// A response of unknown length that reads the stream; nil if libmicrohttpd refuses. It owns this object.
    func makeMessage() -> OpaquePointer? {
        let box = Unmanaged.passRetained(self)
        let message = MHD_create_response_from_callback(
            UInt64.max, Self.blockBytes,
            { context, _, buffer, max in
                let reading = Unmanaged<StreamReading>.fromOpaque(context!).takeUnretainedValue()
                let buffer = UnsafeMutableRawBufferPointer(start: buffer, count: max)
                return reading.stream.take(into: buffer, for: reading.connection) ?? endOfStream
            }, box.toOpaque(), { context in Unmanaged<StreamReading>.fromOpaque(context!).release() })
        if message == nil { box.release() }
        return message
    }

    private static let blockBytes = 16 << 10
}

/// MHD_CONTENT_READER_END_OF_STREAM, a cast that Swift does not import.
private let endOfStream = -1
