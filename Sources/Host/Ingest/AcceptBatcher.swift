import Domain
import Ports
import Synchronization
import Telemetry
import Threading

/// Commits events in groups, on one thread with a store of its own. While one batch commits
/// the next collects, so a batch is as large as the store is slow; under load it waits a little for company besides.
final class AcceptBatcher: Sendable {
    private let makeStore: @Sendable () -> any AcceptStore
    private let publisher: any MessagePublisher
    private let limits: Limits
    private let shardCount: Int16
    private let linger: LingerPolicy
    private let metrics: IngestMetrics
    private let clock: @Sendable () -> Timestamp

    private let gate: Mutex<AdmissionGate>
    private let arrivals = Mailbox<PendingEvent>()
    /// Never posted to; waited on instead of sleeping, so that stopping cuts a linger short.
    private let stopping = Mailbox<Void>()
    private let thread = Mutex<WorkerThread?>(nil)

    init(
        makeStore: @escaping @Sendable () -> any AcceptStore, publisher: any MessagePublisher, limits: Limits,
        shardCount: Int16, linger: LingerPolicy, metrics: IngestMetrics, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.makeStore = makeStore
        self.publisher = publisher
        self.limits = limits
        self.shardCount = shardCount
        self.linger = linger
        self.metrics = metrics
        self.clock = clock
        gate = Mutex(AdmissionGate(eventsMax: limits.acceptQueueEvents, bytesMax: limits.acceptQueueBytes))
    }

    func start() {
        thread.withLock { $0 = WorkerThread("ingest-accept") { self.run() } }
    }

    /// Commits what waits, then returns.
    func stop() {
        arrivals.close()
        stopping.close()
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
    }

    /// Nil: the event will be answered after its commit. Otherwise it is not taken, and this is the answer.
    func submit(_ event: PendingEvent) -> IngestAnswer? {
        switch gate.withLock({ $0.ask(bytes: event.payload.count) }) {
        case .full: return .overloaded
        case .away: return .unavailable
        case .admitted: break
        }
        metrics.queueEvents.add(1)
        guard arrivals.post(event) else {
            release([event])
            return .unavailable
        }
        return nil
    }

    /// The same for events that are committed together or not at all. Those of one batch, not empty.
    func submit(_ events: [PendingEvent]) -> IngestAnswer? {
        let bytes = events.reduce(0) { $0 + $1.payload.count }
        switch gate.withLock({ $0.ask(events: events.count, bytes: bytes) }) {
        case .full: return .overloaded
        case .away: return .unavailable
        case .admitted: break
        }
        metrics.queueEvents.add(events.count)
        guard arrivals.post(contentsOf: events) else {
            release(events)
            return .unavailable
        }
        return nil
    }

    private func run() {
        let store = makeStore()
        var random = FastRandom()
        var rate = ArrivalRate()
        var lastArrival = ContinuousClock.now
        var waiting: [PendingEvent] = []
        while true {
            let arrived = arrivals.takeAll(until: waiting.isEmpty ? nil : .now)
            if waiting.isEmpty, arrived.isEmpty { return }
            waiting += arrived
            let now = ContinuousClock.now
            rate.arrived(arrived.count, in: now - lastArrival)
            lastArrival = now
            let pause = linger.linger(waiting: waiting.count, rate: rate.perSecond)
            if pause > .zero {
                _ = stopping.takeAll(until: now + pause)
                waiting += arrivals.takeAll(until: .now)
            }
            let batch = Array(waiting[..<cut(waiting, at: limits.acceptBatchEvents)])
            waiting.removeFirst(batch.count)
            let unanswered = commit(batch, store, &random)
            if !unanswered.isEmpty {
                refuse(unanswered + waiting)
                waiting = []
            }
        }
    }

    /// Where to cut so that no client's batch is split: there, or a little later.
    private func cut(_ pending: [PendingEvent], at index: Int) -> Int {
        var index = min(index, pending.count)
        while index > 0, index < pending.count, let batch = pending[index].reply.batch,
            batch === pending[index - 1].reply.batch
        {
            index += 1
        }
        return index
    }

    /// Answers what it can. Returns the events that it could not even try, because the store is away.
    private func commit(
        _ pending: [PendingEvent], _ store: any AcceptStore, _ random: inout FastRandom
    ) -> [PendingEvent] {
        let batch = AcceptBatch(pending, acceptedAt: clock(), shardCount: shardCount, random: &random)
        metrics.batchEvents.observe(Double(batch.events.count))
        // Without a broker the workers need not wait for messages that will not come. One look decides both: an event
        // that is due at once must not be published as well, or it could be delivered twice.
        let isPublished = publisher.isConnected
        do throws(StoreError) {
            let results = try store.accept(batch.events, dueAfter: isPublished ? limits.handOverGrace : .zero)
            gate.withLock { $0.storeAnswered() }
            finish(batch, results, isPublished: isPublished)
            return []
        } catch .unavailable(let reason) {
            Log("ingest").warning("events cannot be committed", ["reason": reason, "events": "\(pending.count)"])
            return pending
        } catch {
            gate.withLock { $0.storeAnswered() }
            return bisect(pending, error, store, &random)
        }
    }

    /// One event that the store refuses (its destination was deleted a moment ago, say) must not fail the others:
    /// nothing of the batch was stored, so each half is tried again by itself.
    private func bisect(
        _ pending: [PendingEvent], _ error: StoreError, _ store: any AcceptStore, _ random: inout FastRandom
    ) -> [PendingEvent] {
        let start = halfway(pending)
        guard start > 0 else {
            let tenant = pending.first.map { "\($0.target.tenantID)" } ?? ""
            Log("ingest").error("the store refused an event", ["reason": error.sentence, "tenant": tenant])
            answer(pending) { _ in .failed }
            return []
        }
        let (first, second) = (Array(pending[..<start]), Array(pending[start...]))
        let unanswered = commit(first, store, &random)
        return unanswered.isEmpty ? commit(second, store, &random) : unanswered + second
    }

    /// Where the second half begins, no client's batch being split; zero if there are no two halves.
    private func halfway(_ pending: [PendingEvent]) -> Int {
        let middle = cut(pending, at: pending.count / 2)
        guard middle == pending.count, let last = pending.last?.reply.batch else { return middle }
        // A batch reaches from the middle to the end: it is the second half.
        return pending.firstIndex { $0.reply.batch === last } ?? 0
    }

    /// Publishes first: that is one post into the publisher's mailbox, while answering a large batch takes a
    /// millisecond that would be added to every delivery.
    private func finish(_ batch: AcceptBatch, _ results: [AcceptResult], isPublished: Bool) {
        let fresh = isPublished ? batch.fresh(results) : []
        if !fresh.isEmpty { publisher.publish(fresh) }
        let answers = batch.answers(results)
        answer(batch.pending) { answers[$0] }
    }

    /// The store is away: all who wait hear it now, not one batch after the other. The mailbox is emptied before the
    /// gate lets a probe in, so that a probe is never refused without having been tried.
    private func refuse(_ pending: [PendingEvent]) {
        let all = pending + arrivals.takeAll(until: .now)
        gate.withLock { $0.storeIsAway() }
        answer(all) { _ in .unavailable }
    }

    /// Room is made before the answers go out: whoever gets one may post again.
    private func answer(_ pending: [PendingEvent], _ answer: (Int) -> IngestAnswer) {
        release(pending)
        for (index, event) in pending.enumerated() { event.reply.answer(answer(index)) }
    }

    private func release(_ pending: [PendingEvent]) {
        let bytes = pending.reduce(0) { $0 + $1.payload.count }
        gate.withLock { $0.release(events: pending.count, bytes: bytes) }
        metrics.queueEvents.add(-pending.count)
    }
}
