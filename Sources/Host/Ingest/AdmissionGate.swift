/// Decides who may wait for a commit: not more than the queue's bounds, and, while the store is away, one probe at
/// a time. A value; the batcher holds it under a lock.
///
///     open ── a commit finds the store away ──► away ── next event is let in ──► probing
///       ▲                                         ▲                                 │
///       └────────── its commit succeeds ──────────│─────────────────────────────────┤
///                                                 └───── the store is still away ───┘
struct AdmissionGate {
    enum Verdict: Equatable { case admitted, full, away }

    private enum StoreState { case open, away, probing }

    private let eventsMax: Int
    private let bytesMax: Int
    private(set) var events = 0
    private var bytes = 0
    private var store = StoreState.open

    init(eventsMax: Int, bytesMax: Int) {
        self.eventsMax = eventsMax
        self.bytesMax = bytesMax
    }

    /// events: that come in together or not at all.
    mutating func ask(events coming: Int = 1, bytes asked: Int) -> Verdict {
        if store == .probing { return .away }
        // One request is always let in, so that none can be too large for an empty queue.
        guard events == 0 || events + coming <= eventsMax && bytes + asked <= bytesMax else { return .full }
        if store == .away { store = .probing }
        events += coming
        bytes += asked
        return .admitted
    }

    /// Events that were answered, however.
    mutating func release(events answered: Int, bytes freed: Int) {
        events -= answered
        bytes -= freed
    }

    /// The store has answered, be it with a refusal.
    mutating func storeAnswered() { store = .open }

    mutating func storeIsAway() { store = .away }
}
