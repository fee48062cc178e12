import Crypto
import Domain
import Ports
import Synchronization
import Telemetry
import Threading

/// Runs the plugin chain for its share of the destinations. The only place where foreign code is called during
/// delivery; one call at a time.
///
/// If a call does not come back, `replaceThread(stuckFor:)` takes the lane away from the thread that is stuck in it and
/// gives it to a new one, which fails the attempt at hand, takes the destination's plugins out of service for a while
/// and goes on with the rest. The old thread, should it ever return, finds that the lane is no longer its own and ends
/// without touching anything. What decides is one atomic word: the call in progress. Whoever clears it, the thread at
/// the end of its call or the watchdog, has the lane.
final class ChainLane: @unchecked Sendable {
    enum Message: Sendable {
        case attempt(HeldEvent, SettingsSnapshot)
        case answered(CourierResult)
        /// The destination is gone, and with it the need for its instances and the secrets in them.
        case forget(DestinationID)
    }

    enum Expected {
        case delivery(Attempt)
        case fetch(Attempt)
    }

    /// What a foreign call is made for.
    enum Work {
        case attempt(Attempt)
        /// The instances are being made; there is no attempt yet.
        case preparing(HeldEvent, SettingsSnapshot)
        /// Instances that nobody needs any more are being destroyed.
        case dropping

        /// How many calls it may be, each of which may take its time.
        var calls: Int {
            switch self {
            case .attempt, .dropping: 1
            // Its transformers, an authenticator and a retry policy.
            case .preparing(_, let settings): settings.settings.transformers.count + 2
            }
        }
    }

    /// The lane belongs to another thread now.
    private struct Abandoned: Error {}

    let mailbox = Mailbox<Message>()
    let environment: LaneEnvironment
    let log = Log("delivery")

    /// When the foreign call in progress began, in nanoseconds since `LaneEnvironment.epoch`; 0 between calls.
    private let callInProgress = Atomic<Int64>(0)
    /// How many calls it may be. Written before it begins.
    private let callsInProgress = Atomic<Int>(1)
    private let thread = Mutex<WorkerThread?>(nil)

    // Everything below belongs to the lane's thread.
    private var backlog = FIFO<Message>()
    private var atWork: Work?
    let defaultPolicy = DefaultPolicy()
    /// Of the plugins that `chains` were made of, but for those that were fetching when it changed.
    var pluginGeneration = 0
    var chains: [DestinationID: AttemptChain] = [:]
    private var unneeded: [AttemptChain] = []
    var expected: [UInt64: Expected] = [:]
    var nextToken: UInt64 = 0
    var outbox: [CourierRequest] = []
    var concluded: [Conclusion] = []

    init(_ environment: LaneEnvironment) {
        self.environment = environment
    }

    func start() {
        thread.withLock { $0 = WorkerThread("chain") { [self] in run() } }
    }

    /// Ends the thread once the mailbox is drained; one that is stuck is left behind.
    func stop() {
        mailbox.close()
        if callInProgress.load(ordering: .acquiring) == 0 { thread.withLock { $0 }?.join() }
    }

    /// Gives the lane a new thread if the present one has been in one foreign call for this long. True if it was.
    func replaceThread(stuckFor limit: Duration) -> Bool {
        let began = callInProgress.load(ordering: .acquiring)
        guard began != 0 else { return false }
        let calls = callsInProgress.load(ordering: .relaxed)
        guard .nanoseconds(Self.nanoseconds() - began) > limit * calls else { return false }
        let taken = callInProgress.compareExchange(expected: began, desired: 0, ordering: .acquiringAndReleasing)
        guard taken.exchanged else { return false }
        start()
        return true
    }

    private func run() {
        do {
            try recoverFromStuckCall()
            while true {
                if backlog.isEmpty {
                    let arrived = unneeded.isEmpty ? mailbox.takeAll() : mailbox.takeAll(until: .now)
                    if arrived.isEmpty && unneeded.isEmpty { break }
                    for message in arrived { backlog.append(message) }
                }
                while let message = backlog.popFirst() {
                    try handle(message)
                    // Between two, when nobody's attempt is at hand.
                    try dropUnneeded()
                }
                flush()
                try dropUnneeded()
            }
        } catch {
            // Abandoned: nothing here is ours any more.
        }
    }

    private func flush() {
        if !outbox.isEmpty {
            environment.courier.send(outbox, completed: environment.completion(of: self))
            outbox.removeAll(keepingCapacity: true)
        }
        if !concluded.isEmpty {
            environment.conclude(concluded)
            concluded.removeAll(keepingCapacity: true)
        }
    }

    private func handle(_ message: Message) throws {
        switch message {
        case .forget(let destination):
            setAside(destination)
        case .attempt(let event, let settings):
            try begin(event, settings)
        case .answered(let result):
            switch expected.removeValue(forKey: result.token) {
            case .delivery(let attempt): try answered(attempt, result.answer)
            case .fetch(let attempt): try fetched(attempt, result.answer)
            case nil: break
            }
        }
    }

    // MARK: - Foreign code

    /// Calls into a plugin. Throws the plugin's fault; or, if the lane belongs to another thread afterwards, what
    /// unwinds this one.
    func foreign<Result>(_ work: Work, _ call: () throws(PluginFault) -> Result) throws -> Result {
        let began = Self.nanoseconds()
        atWork = work
        callsInProgress.store(work.calls, ordering: .relaxed)
        callInProgress.store(began, ordering: .releasing)
        let result = Swift.Result { () throws(PluginFault) in try call() }
        let ended = callInProgress.compareExchange(expected: began, desired: 0, ordering: .acquiringAndReleasing)
        guard ended.exchanged else { throw Abandoned() }
        atWork = nil
        return try result.get()
    }

    /// Takes a chain that is replaced or not needed any more out of use.
    func setAside(_ destination: DestinationID) {
        if let chain = chains.removeValue(forKey: destination) { unneeded.append(chain) }
    }

    /// An attempt is over. If its chain was set aside meanwhile, its instances go where they are watched as well.
    func letGo(_ chain: AttemptChain, of destination: DestinationID) {
        if chains[destination] !== chain { unneeded.append(chain) }
    }

    /// Destroys the instances of what was set aside, which is foreign code as well; a portion at a time, because it
    /// counts as one call and others wait. Those of an attempt under way live until it ends.
    private func dropUnneeded() throws {
        guard !unneeded.isEmpty else { return }
        var last = Array(unneeded.suffix(LaneEnvironment.droppedAtOnce))
        unneeded.removeLast(last.count)
        try foreign(.dropping) { last.removeAll() }
    }

    /// First thing a new thread does: what its predecessor is stuck in has failed.
    private func recoverFromStuckCall() throws {
        guard let work = atWork else { return }
        atWork = nil
        switch work {
        case .attempt(let attempt):
            attempt.chain.isAbandoned = true
            abandon([attempt] + attempt.chain.waitingForFetch, titles: attempt.chain.titles, attempt.settings)
            attempt.chain.waitingForFetch = []
        case .preparing(let event, let settings):
            let chain = outOfService(stuckFault(["a plugin"]), settings)
            let attempt = Attempt(
                event: event, settings: settings, chain: chain, startedAt: environment.clock.now())
            abandon([attempt], titles: ["a plugin"], settings)
        case .dropping:
            log.error("a plugin does not return from destroying its instances")
        }
        flush()
    }

    private func abandon(_ attempts: [Attempt], titles: [String], _ settings: SettingsSnapshot) {
        let fault = stuckFault(titles)
        log.error(fault.sentence, ["destination": "\(settings.settings.id)"])
        // The instances are in use by the stuck thread for ever, and new ones would only get stuck as well.
        chains[settings.settings.id] = outOfService(fault, settings)
        for attempt in attempts {
            conclude(attempt, Verdict(fault: fault), decision: LaneEnvironment.decisionWithoutPolicy)
        }
    }

    private func stuckFault(_ titles: [String]) -> PluginFault {
        PluginFault(
            component: titles.joined(separator: ", "), cause: .overrun,
            sentence: "a call did not return; the destination's plugins are out of service for a while")
    }

    private static func nanoseconds() -> Int64 {
        let since = ContinuousClock.Instant.now - LaneEnvironment.epoch
        let (seconds, attoseconds) = since.components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000 &+ 1
    }
}
