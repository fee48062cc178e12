import Domain
import Ports
import Synchronization
import Telemetry
import Threading

/// Decides which event goes now. One thread owns all of this worker's queues; its decisions are local and exact,
/// because each shard has one owner at a time.
final class Dispatcher: @unchecked Sendable {
    enum Message: Sendable {
        case received([BrokerDelivery])
        case concluded([Conclusion])
        case settled([Settlement])
        case due(DueReader.Answer)
        case settings([(DestinationID, SettingsSnapshot?)])
        case ownership(LeaseKeeper.Ownership)
        case changed(DirectoryChange)
        /// Finish what is in flight, then end.
        case stop(by: ContinuousClock.Instant)
    }

    /// The dispatcher's neighbours.
    struct Surroundings: Sendable {
        let lanes: [ChainLane]
        let settler: Settler
        let dueReader: DueReader
        let settingsLoader: SettingsLoader
        let leaseKeeper: LeaseKeeper
        let consumer: any MessageConsumer
        let courier: any Courier

        /// Attempts that have been let go and are not on their way yet.
        var preparing: Int { lanes.reduce(courier.backlog) { $0 + $1.mailbox.count } }
    }

    static let tick = Duration.milliseconds(100)
    /// How soon it looks again whether there is room for more.
    static let glance = Duration.milliseconds(1)
    /// Attempts that are prepared at a time, by lanes and courier together. What is beyond waits here, where tenants
    /// take turns, and not in line behind whoever came first.
    static let preparedMax = 64
    /// Outcomes of attempts that may wait to be written before nothing new is started.
    static let unsettledMax = 4_096
    /// Pressure on memory that lasts longer is taken from whoever holds most, slow or not.
    static let pressureMax = Duration.seconds(1)
    static let sweepInterval = Duration.seconds(1)
    /// Sweeps after which an idle destination's state leaves memory.
    static let idleSweepsMax = 60
    /// Settings are read again after this long, in case a notification was missed.
    static let settingsLifetime = Duration.seconds(60)
    /// An attempt that takes longer is shown as `Processing`.
    static let processingAfter = Duration.seconds(1)
    /// Destinations asked for in one read of due events.
    static let readBatch = 256
    /// Events expected of one read, and one destination's beyond that.
    static let readEventsMax = 4_096
    /// Footprints that a tenant may ask for before it is the next one's turn: about one destination's share.
    static let readQuantum = 128 << 10

    let mailbox = Mailbox<Message>()
    let clock: DatabaseClock
    let limits: Limits
    let shardCount: Int16
    let metrics = DispatchMetrics()
    let log = Log("dispatcher")

    // All below belongs to the dispatcher's thread.
    var surroundings: Surroundings!
    var queues: [DestinationID: DestinationQueue] = [:]
    var settings: [DestinationID: SettingsSnapshot] = [:]
    /// Destinations that may have something to send.
    var order = FairOrder()
    /// More could go than lanes and courier can prepare at the moment.
    var isHeldBack = false
    /// Destinations with due events in the store and perhaps room for them; their tenants take turns.
    var wantsRead = FairOrder(quantum: readQuantum)
    /// A read has not been answered yet.
    var isReading = false
    /// When the last one was.
    var readAt = ContinuousClock.Instant.now
    var toCheck: [HeldEvent] = []
    var inFlight: AttemptsInFlight
    var credit: BrokerCredit
    /// Memory for everything between offer and conclusion.
    var heldBytes = 0
    /// Since when there has been too little of it.
    var pressedSince: ContinuousClock.Instant?
    /// Attempts whose outcomes are not written yet.
    var unsettled = 0
    var owned: Set<Shard> = []
    var draining: Set<Shard> = []
    var validUntil = ContinuousClock.Instant.now
    var nextTick = ContinuousClock.Instant.now
    var nextSweep = ContinuousClock.Instant.now
    var stopBy: ContinuousClock.Instant?
    var outgoing: [[ChainLane.Message]] = []
    var toSettle: [Settler.Message] = []

    init(clock: DatabaseClock, limits: Limits, shardCount: Int16) {
        self.clock = clock
        self.limits = limits
        self.shardCount = shardCount
        inFlight = AttemptsInFlight(
            limit: limits.attemptsInFlight, bytesMax: limits.attemptsInFlightBytes)
        credit = BrokerCredit(prefetch: limits.prefetchMessages, shards: Int(shardCount))
    }

    func start(_ surroundings: Surroundings) -> WorkerThread {
        self.surroundings = surroundings
        outgoing = surroundings.lanes.map { _ in [] }
        return WorkerThread("dispatcher") { self.run() }
    }

    private func run() {
        while true {
            let messages = mailbox.takeAll(until: isHeldBack ? min(nextTick, .now + Self.glance) : nextTick)
            for message in messages { handle(message) }
            if ContinuousClock.now >= nextTick { everyTick() }
            pump()
            flush()
            if let stopBy, inFlight.isEmpty && !hasUnsettled || ContinuousClock.now >= stopBy { return }
        }
    }

    private var hasUnsettled: Bool { queues.contains { !$0.value.held.isEmpty } }

    private func handle(_ message: Message) {
        switch message {
        case .received(let deliveries): for delivery in deliveries { receive(delivery) }
        case .concluded(let conclusions): for conclusion in conclusions { conclude(conclusion) }
        case .settled(let settlements): for settlement in settlements { forget(settlement) }
        case .due(let answer): take(answer)
        case .settings(let loaded): for (id, snapshot) in loaded { configure(id, snapshot) }
        case .ownership(let ownership): own(ownership)
        case .changed(let change): apply(change)
        case .stop(let deadline): beginStop(deadline)
        }
    }

    /// Sends what the round decided: one post a neighbour.
    private func flush() {
        for (index, messages) in outgoing.enumerated() where !messages.isEmpty {
            surroundings.lanes[index].mailbox.post(contentsOf: messages)
            outgoing[index].removeAll(keepingCapacity: true)
        }
        if !toSettle.isEmpty {
            surroundings.settler.mailbox.post(contentsOf: toSettle)
            toSettle.removeAll(keepingCapacity: true)
        }
        if !toCheck.isEmpty {
            surroundings.dueReader.mailbox.post(.check(toCheck, askedAt: clock.now()))
            toCheck.removeAll(keepingCapacity: true)
        }
        readDue()
    }

    private func everyTick() {
        nextTick = .now + Self.tick
        markProcessing()
        relievePressure()
        for lane in surroundings.lanes where lane.replaceThread(stuckFor: lane.environment.stuckAfter) {
            log.error("a plugin call did not return; its lane gets a new thread")
        }
        releaseDrained()
        if ContinuousClock.now >= nextSweep { sweep() }
    }

    /// Looks at every destination: breakers whose time has come, stores that answered late, settings that grew old,
    /// queues that nobody needs any more.
    private func sweep() {
        nextSweep = .now + Self.sweepInterval
        let old = ContinuousClock.now - Self.settingsLifetime
        var unneeded: [DestinationID] = []
        // By index and in place: to change a table that is being iterated is to copy it.
        var index = queues.startIndex
        while index != queues.endIndex {
            defer { queues.formIndex(after: &index) }
            let (id, queue) = queues[index]
            guard queue.isIdle else {
                queues.values[index].idleSweeps = 0
                if queue.moreDue { wantRead(id) }
                if !queue.waiting.isEmpty { makeReady(id) }
                if let snapshot = settings[id], snapshot.readAt < old { refresh(id) }
                continue
            }
            queues.values[index].idleSweeps += 1
            if queue.idleSweeps >= Self.idleSweepsMax { unneeded.append(id) }
        }
        for id in unneeded {
            queues[id] = nil
            settings[id] = nil
        }
        metrics.update(queues, inFlight: inFlight.count, heldBytes: heldBytes, owned: owned.count)
    }

    private func markProcessing() {
        let long = inFlight.markLong(since: .now - Self.processingAfter)
        if !long.isEmpty { toSettle.append(.processing(long)) }
    }
}
