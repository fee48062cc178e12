import Domain
import Ports

/// One destination's events on this worker, and whether the next may go.
///
/// A value without clock, lock or I/O. The dispatcher feeds it what happens and carries out what it answers.
///
///     offer ──► waiting ── next ──► in flight ── finished ──► settling ── settled ──► forgotten
///                  │   ▲                                          ▲
///                  │   └── checked (still waits)                  │
///                  ├── check ──► being checked ── checked (gone) ─┴──► forgotten
///                  └── parkAll ──► settling
///     receive ──► settling, if there is no room
struct DestinationQueue {
    /// What the gate needs of the destination's settings.
    struct Gate: Equatable {
        /// Active and not paused.
        var isOpen: Bool
        var concurrency: Int
        var breakerOpenTime: Duration
    }

    /// Due events that are expected of a destination before it has shown that it has more.
    private static let firstRead = 64
    /// Places in the table of what is held that are kept while nothing is.
    private static let heldPlacesKept = 12

    /// What may wait here at a time. A single event may always, however large.
    struct Limit {
        var events: Int
        /// Of footprints.
        var bytes: Int
    }

    let shard: Shard
    /// Known once anything was offered.
    private(set) var tenant: TenantID?
    private(set) var gate: Gate?
    private(set) var breaker = CircuitBreaker()
    private(set) var waiting = FIFO<HeldEvent>()
    /// The footprints of those that wait, together.
    private(set) var waitingBytes = 0
    /// The footprint of the destination's events, on an average in which the latest weigh most.
    private var usualBytes = 0
    private(set) var inFlight = 0
    /// Every event between offer and settled, and those that are parked as they come.
    private(set) var held: Set<EventID> = []
    /// The event that the half-open breaker let through.
    private var probe: EventID?
    /// A plugin of the destination's is not there before this time; kept afterwards until an attempt was made.
    private var restsUntil: Timestamp?
    /// The event that finds out whether it is there again.
    private var trial: EventID?

    /// The store has due events for this destination that are not held here.
    var moreDue = false
    /// A read of due events is under way.
    private(set) var isReading = false
    /// Events became due since that read began.
    private var moreBecameDue = false
    /// Of those that are due, some may have waited for the destination to be open.
    private(set) var mayHaveWaited = false
    /// The last read brought all that it asked for.
    private var isLong = false
    /// What was let go of since that read began: its answer may be older than their settlement.
    private var forgottenWhileReading: Set<EventID> = []
    /// A load of the settings is under way.
    private(set) var isLoading = false
    /// They may have changed since that load began.
    private var mustReload = false
    /// What was last seen to wait before this may have been cancelled since.
    private var doubtsUntil: Timestamp?

    init(shard: Shard) { self.shard = shard }

    private var pace = DeliveryPace()

    /// Nothing is going on here. An open breaker is persisted, so it may be forgotten as well.
    var isIdle: Bool { held.isEmpty && !moreDue && !isReading && !isLoading }
    /// Sweeps since it was last anything but idle.
    var idleSweeps = 0

    enum OfferAction: Equatable { case queued, alreadyHeld, full }

    /// A message has come. What is full, or slow while others need the credit or memory, does not wait here; but it is
    /// held, and comes a second time neither from the broker nor from the store, until its parking is settled. Of what
    /// is held already nothing may be parked: that would make due what is about to be sent.
    mutating func receive(_ event: HeldEvent, limit: Limit, isPressed: Bool, at now: Timestamp) -> OfferAction {
        let action = isPressed && isSlow(at: now) && !held.contains(event.item.eventID)
            ? .full : offer(event, limit: limit, at: now)
        if action == .full { held.insert(event.item.eventID) }
        return action
    }

    mutating func offer(_ event: HeldEvent, limit: Limit, at now: Timestamp) -> OfferAction {
        guard !held.contains(event.item.eventID) else { return .alreadyHeld }
        usualBytes = usualBytes == 0 ? event.footprint : (usualBytes * 7 + event.footprint) / 8
        guard waiting.count < limit.events, waiting.isEmpty || waitingBytes + event.footprint <= limit.bytes else {
            pace.backlogBegan(at: now)
            return .full
        }
        tenant = event.item.tenantID
        held.insert(event.item.eventID)
        waiting.append(event)
        waitingBytes += event.footprint
        // There is more than may fly at a time.
        if waiting.count + inFlight > concurrency { pace.backlogBegan(at: now) }
        return .queued
    }

    enum NextAction {
        /// Nothing waits, or all that may fly does.
        case idle
        case loadSettings
        case attempt(HeldEvent)
        /// Ask the store first; `checked` brings the answer.
        case check(HeldEvent)
        /// These go back to the store, due then; `.never`: when the gate opens.
        case park([HeldEvent], until: Timestamp?)
    }

    /// checkAfter: age since the last verification from which a row is looked at again.
    mutating func next(at now: Timestamp, checkAfter: Duration) -> NextAction {
        guard let event = waiting.first else { return .idle }
        guard let gate else { return .loadSettings }
        // A clock that was set back would have everything asked about again until it has caught up.
        if let doubtsUntil, doubtsUntil > now { self.doubtsUntil = now }
        guard gate.isOpen else { return .park(takeAll(), until: .never) }
        if let restsUntil, restsUntil > now { return .park(takeAll(), until: restsUntil) }
        guard inFlight < gate.concurrency, !isTryingPlugin || trial == nil else { return .idle }
        if event.mustCheck || now - event.verifiedAt > checkAfter || isDoubtful(event, at: now) {
            popFirst()
            return .check(event)
        }
        switch breaker.ask(at: now) {
        case .wait(let until):
            return .park(takeAll(), until: until)
        case .probe:
            probe = event.item.eventID
        case .pass:
            break
        }
        if isTryingPlugin { trial = event.item.eventID }
        popFirst()
        if inFlight == 0 { pace.firstBegan(at: now) }
        inFlight += 1
        if waiting.isEmpty { pace.backlogEnded() }
        return .attempt(event)
    }

    /// Whether the plugin is there, one event finds out for all: what else was read would have to be parked.
    private var isTryingPlugin: Bool { restsUntil != nil }

    private var concurrency: Int { gate?.concurrency ?? 1 }

    private mutating func popFirst() {
        if let event = waiting.popFirst() { waitingBytes -= event.footprint }
    }

    private func isDoubtful(_ event: HeldEvent, at now: Timestamp) -> Bool {
        guard let doubtsUntil else { return false }
        // What was verified in the future was so before the clock was set back: nobody knows what came first.
        return event.verifiedAt <= doubtsUntil || event.verifiedAt > now
    }

    /// Waiting events of the destination were cancelled: those at hand are looked at again before they go.
    mutating func doubt(at now: Timestamp) { doubtsUntil = now }

    /// An event that was being checked is first in line again. verifiedAt: when its row was asked for; nil if nobody
    /// could say.
    mutating func putBack(_ event: HeldEvent, verifiedAt: Timestamp?) {
        var event = event
        if let verifiedAt { event.verifiedAt = verifiedAt }
        event.mustCheck = verifiedAt == nil
        waiting.prepend(event)
        waitingBytes += event.footprint
    }

    /// An attempt has come to its end. reachedDestination: false when a plugin or we ourselves failed before anything
    /// was sent, which says nothing about the destination and does not move its breaker.
    mutating func finished(
        _ event: EventID, succeeded: Bool, reachedDestination: Bool, took duration: Duration, at now: Timestamp,
        threshold: Int
    ) -> CircuitBreaker.Change {
        inFlight -= 1
        if trial == event { trial = nil }
        // One that began before another was postponed says nothing of a rest that is still to come.
        if let restsUntil, restsUntil <= now {
            self.restsUntil = nil
            trial = nil
        }
        pace.finishedOne(at: now, took: duration)
        let wasProbe = probe == event
        if wasProbe { probe = nil }
        guard reachedDestination else {
            if wasProbe { breaker.probeReturned() }
            return .none
        }
        if succeeded { return breaker.succeeded() }
        return breaker.failed(at: now, threshold: threshold, openTime: gate?.breakerOpenTime ?? .seconds(300))
    }

    /// An attempt was not made, because a plugin is not there before `until`; the others need not try either.
    mutating func postponed(_ event: EventID, until: Timestamp?) {
        inFlight -= 1
        if probe == event {
            probe = nil
            breaker.probeReturned()
        }
        if trial == event { trial = nil }
        if let until { restsUntil = max(until, restsUntil ?? until) }
    }

    /// Its settlement is committed, or its row said that it is none of ours.
    mutating func forget(_ event: EventID) {
        held.remove(event)
        // Thousands of queues that were long once would keep as much as they ever needed.
        if held.isEmpty && held.capacity > Self.heldPlacesKept { held = [] }
        if isReading { forgottenWhileReading.insert(event) }
    }

    mutating func readBegan() { isReading = true }

    /// The events that a read brought, without those that were settled while it was under way: the read may have seen
    /// them as they were before. isCut: some may have been left out, or all.
    mutating func readEnded(_ items: [WorkItem], asked: Int, isCut: Bool) -> [WorkItem] {
        defer {
            isReading = false
            forgottenWhileReading = []
            moreBecameDue = false
        }
        if !isCut || !items.isEmpty { isLong = items.count >= asked }
        moreDue = isCut || items.count >= asked || moreBecameDue
        if !moreDue { mayHaveWaited = false }
        return items.filter { !forgottenWhileReading.contains($0.eventID) }
    }

    /// The read failed; what is due is still due.
    mutating func readFailed() {
        isReading = false
        forgottenWhileReading = []
        moreBecameDue = false
    }

    /// The store has events that a look by time does not find: replayed ones, or those that waited for the gate.
    mutating func becameDue() {
        moreDue = true
        mayHaveWaited = true
        if isReading { moreBecameDue = true }
    }

    /// What an event that cannot be kept here waits for in the store: as in `NextAction.park`.
    var parkedUntil: Timestamp? { gate?.isOpen == false ? .never : nil }

    /// The settings are wanted. False if they are on their way already.
    mutating func loadBegins() -> Bool {
        defer { isLoading = true }
        return !isLoading
    }

    /// The settings may have changed. False if they are on their way: then they are wanted once more after that.
    mutating func reloadBegins() -> Bool {
        mustReload = isLoading
        return loadBegins()
    }

    /// True if what was loaded may be older than a change.
    private mutating func loadEnded() -> Bool {
        defer {
            isLoading = false
            mustReload = false
        }
        return mustReload
    }

    /// Settings have been read. The persisted breaker counts only the first time: afterwards ours is newer. True if
    /// they are to be loaded again.
    @discardableResult
    mutating func configure(_ settings: DestinationSettings) -> Bool {
        // Read before the shard was another's in between: what comes next is newer.
        if gate == nil, mustReload { return loadEnded() }
        if gate == nil, let record = settings.breaker {
            breaker = CircuitBreaker(
                state: record.state, consecutiveFailures: record.consecutiveFailures, nextProbeAt: record.nextProbeAt)
        }
        if gate == nil { mayHaveWaited = true }
        let isOpen = settings.status == .active && !settings.isPaused
        if isOpen, gate?.isOpen == false { becameDue() }
        gate = Gate(
            isOpen: isOpen, concurrency: max(1, settings.concurrency),
            breakerOpenTime: settings.breakerOpenTime)
        return loadEnded()
    }

    /// The destination does not exist (any more): whatever comes is asked for again. True if that is to be done now.
    @discardableResult
    mutating func forgetSettings() -> Bool {
        gate = nil
        moreDue = false
        return loadEnded()
    }

    /// The shard is another's: what he makes of the breaker counts, should it ever come back.
    mutating func released() {
        gate = nil
        breaker = CircuitBreaker()
        moreDue = false
        mustReload = isLoading
    }

    /// The gate is closed, the destination gone, or the shard: all that waits is let go without a word to the store.
    mutating func takeAll() -> [HeldEvent] {
        waitingBytes = 0
        pace.backlogEnded()
        return waiting.removeAll()
    }

    /// It has had a backlog for a while and would need long to work it off.
    func isSlow(at now: Timestamp) -> Bool {
        pace.isSlow(at: now, waiting: waiting.count, inFlight: inFlight, concurrency: concurrency)
    }

    /// What a read of so many events will bring, as far as one can tell.
    func expected(of events: Int) -> (events: Int, bytes: Int) {
        let events = isLong ? events : min(events, Self.firstRead)
        return (events, events * (usualBytes > 0 ? usualBytes : 2 * HeldEvent.overheadBytes))
    }

    /// How many due events could be taken from the store now; zero while the gate is closed.
    func room(at now: Timestamp, limit: Limit) -> Int {
        guard let gate else { return waiting.isEmpty ? 1 : 0 }
        guard gate.isOpen, restsUntil.map({ $0 <= now }) ?? true else { return 0 }
        guard !isTryingPlugin else { return trial == nil && waiting.isEmpty ? 1 : 0 }
        switch breaker.state {
        case .closed:
            // Enough to keep the destination busy until the next read, not more than it may hold; and not before the
            // last portion is nearly used up, because many small reads cost more than a few large ones.
            guard waiting.count <= gate.concurrency, waiting.isEmpty || waitingBytes <= limit.bytes / 2 else {
                return 0
            }
            let events = min(limit.events, gate.concurrency * 4 + 64) - waiting.count
            guard usualBytes > 0 else { return max(0, events) }
            return max(0, min(events, max(1, (limit.bytes - waitingBytes) / usualBytes)))
        case .open:
            guard let next = breaker.nextProbeAt, next > now else { return waiting.isEmpty ? 1 : 0 }
            return 0
        case .halfOpen:
            return probe == nil && waiting.isEmpty ? 1 : 0
        }
    }
}
