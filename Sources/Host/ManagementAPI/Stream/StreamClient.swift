import Domain
import HTTPServer
import Ports

/// One open stream. Belongs to the hub's thread; the response stream in it is the bridge to the server.
///
///     joining ─ interest registered ─► resuming ─ entries are all there ─► live ◄─┐
///        └─ no last id ──┐                 └─ some are gone ──┐             │      │
///                        └────────────► settling ◄────────────┴─────────────┘      │
///                                          └─ older transactions have ended ───────┘
///
/// Settling waits for the transactions that may have begun before the interest was there, and so may have written no
/// entries. A client that loads its lists when it hears that the stream is ready misses nothing.
struct StreamClient {
    enum Phase: Equatable {
        case joining
        /// The client says that it has seen everything up to here.
        case resuming(StreamPosition)
        /// barrier: the first transaction that is known to have begun after the interest was there; nil: not looked at
        /// yet.
        case settling(barrier: Int64?)
        case live(StreamPosition)
    }

    /// Why a stream was closed by us.
    enum Ending: String, CaseIterable {
        case tokenEnded = "token"
        case stalled = "stalled"
    }

    let listener: StreamListener
    let body: ResponseStream
    /// From `Last-Event-ID`.
    let lastSeen: StreamPosition?
    var phase = Phase.joining
    /// What the client held is worth nothing any more.
    var isReset = false
    var lastWrite = ContinuousClock.now

    init(listener: StreamListener, body: ResponseStream, lastSeen: StreamPosition?) {
        self.listener = listener
        self.body = body
        self.lastSeen = lastSeen
    }

    /// The tenant's interest is in the store.
    mutating func registered() {
        guard phase == .joining else { return }
        phase = lastSeen.map { .resuming($0) } ?? .settling(barrier: nil)
    }

    mutating func advance(to horizon: StreamHorizon) {
        guard case .settling(let barrier) = phase else { return }
        guard let barrier else {
            phase = .settling(barrier: horizon.next)
            return
        }
        guard horizon.oldestRunning >= barrier else { return }
        let start = StreamPosition(transaction: horizon.oldestRunning, entry: 0)
        phase = .live(start)
        send(StreamFrame.event(isReset ? "stream.reset" : "stream.ready", data: Array("{}".utf8), at: start))
        isReset = false
    }

    /// Where it wants to read on; nil if it does not, or has enough to send.
    func cursor(bufferBytes: Int) -> StreamCursor? {
        guard body.backlog.bytes < bufferBytes else { return nil }
        switch phase {
        case .resuming(let position), .live(let position):
            return StreamCursor(tenantID: listener.tenantID, position: position)
        case .joining, .settling: return nil
        }
    }

    /// Entries after its place are gone.
    mutating func startAnew() {
        isReset = true
        phase = .settling(barrier: nil)
    }

    /// Entries after its place are all there.
    mutating func goOn() {
        guard case .resuming(let seen) = phase else { return }
        send(StreamFrame.comment("resumed"))
        phase = .live(seen)
    }

    /// False if it has enough to send: it then stays where it is, and has to be left out until it is read for again.
    mutating func take(_ frame: [UInt8], at position: StreamPosition, bufferBytes: Int) -> Bool {
        guard body.backlog.bytes < bufferBytes else { return false }
        send(frame)
        phase = .live(position)
        return true
    }

    /// Past entries that have nothing to say.
    mutating func skip(to position: StreamPosition) { phase = .live(position) }

    mutating func ping(after silence: Duration, at now: ContinuousClock.Instant) {
        guard now - lastWrite >= silence else { return }
        send(StreamFrame.comment("ping"))
    }

    /// Why it must not go on; nil if it may.
    func ending(at time: Timestamp, _ now: ContinuousClock.Instant, stall: Duration) -> Ending? {
        if listener.tokenExpiresAt <= time { return .tokenEnded }
        let backlog = body.backlog
        return backlog.bytes > 0 && now - backlog.since > stall ? .stalled : nil
    }

    private mutating func send(_ bytes: [UInt8]) {
        body.write(bytes)
        lastWrite = .now
    }
}
