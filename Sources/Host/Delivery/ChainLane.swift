import Crypto
import Domain
import Ports
import Synchronization
import Telemetry
import Threading

/// Runs the plugin chain for its share of the destinations. The only place where foreign code is called during
/// delivery; one call at a time.
///
/// If a call does not come back, `replaceStuckThread` gives the lane a new thread, which fails the attempt that was
/// stuck and goes on with the rest. The old thread, should it ever return, finds that the lane is no longer its own
/// and ends without touching anything.
final class ChainLane: @unchecked Sendable {
    enum Message: Sendable {
        case attempt(HeldEvent, SettingsSnapshot)
        case answered(CourierResult)
    }

    private enum Expected {
        case delivery(Attempt)
        case fetch(Attempt)
    }

    /// The lane belongs to another thread now.
    private struct Abandoned: Error {}

    let mailbox = Mailbox<Message>()
    private let environment: LaneEnvironment
    private let log = Log("delivery")

    // Read by the watchdog.
    private let generation = Atomic<Int>(0)
    private let foreignSince = Atomic<Int64>(0)

    // Everything below belongs to the thread of the current generation.
    private var backlog = FIFO<Message>()
    private var chains: [DestinationID: AttemptChain] = [:]
    private let defaultPolicy = DefaultPolicy()
    private var expected: [UInt64: Expected] = [:]
    private var nextToken: UInt64 = 0
    private var outbox: [CourierRequest] = []
    private var concluded: [Conclusion] = []
    private var current: Attempt?
    private let thread = Mutex<WorkerThread?>(nil)

    init(_ environment: LaneEnvironment) {
        self.environment = environment
    }

    func start() { startThread(of: generation.load(ordering: .acquiring)) }

    /// Ends the thread once the mailbox is drained; a stuck one is left behind.
    func stop() {
        mailbox.close()
        if stuckFor == .zero { thread.withLock { $0 }?.join() }
    }

    /// How long the present foreign call has been running; zero between calls.
    var stuckFor: Duration {
        let since = foreignSince.load(ordering: .acquiring)
        return since == 0 ? .zero : .nanoseconds(Self.nanoseconds() - since)
    }

    /// Called by the watchdog when the lane's thread does not come back from a plugin.
    func replaceStuckThread() {
        let next = generation.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
        foreignSince.store(0, ordering: .releasing)
        startThread(of: next)
    }

    private func startThread(of mine: Int) {
        thread.withLock { $0 = WorkerThread("chain") { [self] in run(mine) } }
    }

    private func run(_ mine: Int) {
        do {
            try recoverFromStuckCall(mine)
            while true {
                if backlog.isEmpty {
                    let arrived = mailbox.takeAll()
                    if arrived.isEmpty { break }
                    for message in arrived { backlog.append(message) }
                }
                while let message = backlog.popFirst() { try handle(message, mine) }
                flush()
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

    private func handle(_ message: Message, _ mine: Int) throws {
        switch message {
        case .attempt(let event, let settings):
            try begin(event, settings, mine)
        case .answered(let result):
            switch expected.removeValue(forKey: result.token) {
            case .delivery(let attempt): try answered(attempt, result.answer, mine)
            case .fetch(let attempt): try fetched(attempt, result.answer, mine)
            case nil: break
            }
        }
    }

    // MARK: - The chain

    private func begin(_ event: HeldEvent, _ settings: SettingsSnapshot, _ mine: Int) throws {
        let chain = try chain(for: settings, event, mine)
        let attempt = Attempt(event: event, settings: settings, chain: chain, startedAt: environment.clock.now())
        if let problem = chain.problem {
            return try conclude(attempt, Verdict(fault: problem), mine)
        }
        do {
            for transformer in chain.transformers {
                attempt.body = try foreign(attempt, mine) { () throws(PluginFault) in
                    try transformer.apply(attempt.body, attempt.context)
                }
            }
        } catch let fault as PluginFault {
            return try conclude(attempt, Verdict(fault: fault), mine)
        }
        try authenticate(attempt, mine)
    }

    private func authenticate(_ attempt: Attempt, _ mine: Int) throws {
        let headers = OutgoingHeaders(for: attempt.event.item)
        guard let authenticator = attempt.chain.authenticator else { return send(attempt, headers, []) }
        guard !attempt.chain.isFetching else {
            attempt.chain.waitingForFetch.append(attempt)
            return
        }
        do {
            let step = try foreign(attempt, mine) { () throws(PluginFault) in
                try authenticator.authenticate(
                    method: "POST", url: attempt.settings.settings.url, headers: headers.fields, body: attempt.body,
                    attempt.context)
            }
            switch step {
            case .headers(let added):
                send(attempt, headers, added)
            case .needsFetch(let request) where !attempt.hasFetched:
                fetch(request, for: attempt)
            case .needsFetch:
                throw PluginFault(
                    component: authenticator.title, cause: .fault,
                    sentence: "it asked for a second fetch in one attempt")
            }
        } catch let fault as PluginFault {
            try conclude(attempt, Verdict(fault: fault), mine)
        }
    }

    private func send(_ attempt: Attempt, _ headers: OutgoingHeaders, _ added: [HeaderField]) {
        var headers = headers
        headers.sign(
            attempt.body, event: attempt.event.item.eventID, chain: attempt.chain, now: environment.clock.now())
        attempt.requestHeaders = headers.authenticate(added)
        let request = courierRequest(
            "POST", attempt.settings.settings.url, headers.fields, attempt.body,
            bodyKept: environment.limits.responseBodyKept)
        expected[request.token] = .delivery(attempt)
        outbox.append(request)
    }

    private func fetch(_ request: FetchRequest, for attempt: Attempt) {
        attempt.chain.isFetching = true
        let request = courierRequest(
            request.method, request.url, request.headers, request.body, bodyKept: environment.limits.responseBodyBytes)
        expected[request.token] = .fetch(attempt)
        outbox.append(request)
    }

    private func courierRequest(
        _ method: String, _ url: String, _ headers: [HeaderField], _ body: [UInt8], bodyKept: Int
    ) -> CourierRequest {
        nextToken += 1
        return CourierRequest(
            token: nextToken, method: method, url: url, headers: headers, body: body,
            connectTimeout: environment.limits.connectTimeout, totalTimeout: environment.limits.deliveryTimeout,
            responseBodyKept: bodyKept)
    }

    private func fetched(_ attempt: Attempt, _ answer: CourierResult.Answer, _ mine: Int) throws {
        let chain = attempt.chain
        guard let authenticator = chain.authenticator else { return }
        chain.isFetching = false
        let served = [attempt] + chain.waitingForFetch
        chain.waitingForFetch = []
        do {
            switch answer {
            case .failure(_, let sentence):
                throw PluginFault(
                    component: authenticator.title, cause: .retryable, sentence: "its request failed: \(sentence)")
            case .response(let status, let headers, let body, _, let truncated):
                guard !truncated else {
                    throw PluginFault(
                        component: authenticator.title, cause: .retryable,
                        sentence:
                            "the answer to its request is larger than \(environment.limits.responseBodyBytes) bytes")
                }
                try foreign(attempt, mine) { () throws(PluginFault) in
                    try authenticator.fetched(status: status, headers: headers, body: body, attempt.context)
                }
            }
        } catch let fault as PluginFault {
            for one in served { try conclude(one, Verdict(fault: fault), mine) }
            return
        }
        for one in served {
            one.hasFetched = true
            try authenticate(one, mine)
        }
    }

    private func answered(_ attempt: Attempt, _ answer: CourierResult.Answer, _ mine: Int) throws {
        let verdict = Verdict(answer, now: environment.clock.now())
        if verdict.httpStatus == 401, !attempt.hasRefreshed, let authenticator = attempt.chain.authenticator {
            attempt.hasRefreshed = true
            let another = try foreign(attempt, mine) { () throws(PluginFault) in
                authenticator.rejected(status: 401, attempt.context)
            }
            if another {
                attempt.hasFetched = false
                return try authenticate(attempt, mine)
            }
        }
        try conclude(attempt, verdict, mine)
    }

    private func conclude(_ attempt: Attempt, _ verdict: Verdict, _ mine: Int) throws {
        let now = environment.clock.now()
        let item = attempt.event.item
        let settings = attempt.settings.settings
        let failure = RetryFailure(
            attemptNumber: item.attemptsThisRound + 1, attemptsMax: settings.attemptsMax, outcome: verdict.outcome,
            httpStatus: verdict.httpStatus, retryAfter: verdict.retryAfter, elapsed: now - item.acceptedAt,
            random: verdict.outcome == .succeeded ? 0 : .random(in: .min ... .max))
        var decision = RetryDecision.again(after: LaneEnvironment.delayWithoutPolicy)
        let isLast = failure.attemptNumber >= settings.attemptsMax
        if verdict.outcome != .succeeded, !isLast, let policy = attempt.chain.retryPolicy {
            do {
                decision = try foreign(attempt, mine) { () throws(PluginFault) in
                    try policy.decide(failure, attempt.context)
                }
            } catch let fault as PluginFault {
                log.warning(
                    "the retry policy failed; the default delay is used",
                    ["policy": fault.component, "reason": fault.sentence, "event": "\(item.eventID)"])
            }
        }
        let record = AttemptRecord(
            number: attempt.number, startedAt: attempt.startedAt, duration: .now - attempt.startedInstant,
            outcome: verdict.outcome, httpStatus: verdict.httpStatus, error: verdict.sentence,
            responseBody: verdict.body, requestHeaders: attempt.requestHeaders, pluginChain: attempt.chain.titles)
        concluded.append(
            Conclusion(
                event: attempt.event, record: record,
                disposition: disposition(
                    after: verdict, attemptsThisRound: failure.attemptNumber, attemptsMax: settings.attemptsMax,
                    now: now, decide: { decision }),
                reachedDestination: verdict.reachedDestination))
    }

    private func chain(for settings: SettingsSnapshot, _ event: HeldEvent, _ mine: Int) throws -> AttemptChain {
        let id = settings.settings.id
        if let known = chains[id], known.settingsVersion == settings.settings.settingsVersion,
            known.retryBuildAt.map({ $0 > .now }) ?? true
        {
            return known
        }
        // Bounded: chains are cheap to make again, so the whole cache is dropped rather than kept in order of use.
        if chains.count >= LaneEnvironment.chainsMax { chains = chains.filter { $0.value.isFetching } }
        foreignSince.store(Self.nanoseconds(), ordering: .releasing)
        let chain = AttemptChain(
            settings.settings, catalog: environment.catalog, vault: environment.vault, defaultPolicy: defaultPolicy)
        foreignSince.store(0, ordering: .releasing)
        guard generation.load(ordering: .acquiring) == mine else { throw Abandoned() }
        chains[id] = chain
        return chain
    }

    // MARK: - Foreign code

    /// Calls into a plugin. Afterwards the lane may belong to another thread; then this one unwinds.
    private func foreign<Result>(
        _ attempt: Attempt, _ mine: Int, _ call: () throws(PluginFault) -> Result
    ) throws -> Result {
        current = attempt
        foreignSince.store(Self.nanoseconds(), ordering: .releasing)
        let result = Swift.Result { () throws(PluginFault) in try call() }
        guard generation.load(ordering: .acquiring) == mine else { throw Abandoned() }
        foreignSince.store(0, ordering: .releasing)
        current = nil
        return try result.get()
    }

    /// First thing a replacement does: the attempt that its predecessor is stuck in has failed.
    private func recoverFromStuckCall(_ mine: Int) throws {
        guard let stuck = current else { return }
        current = nil
        // Its instances are in use by the stuck thread for ever; later attempts get new ones.
        chains[stuck.event.item.destinationID] = nil
        let sentence = "a call into \(stuck.chain.titles.joined(separator: ", ")) did not return"
        log.error(sentence, ["destination": "\(stuck.event.item.destinationID)"])
        let fault = PluginFault(component: "plugin", cause: .overrun, sentence: sentence)
        for one in [stuck] + stuck.chain.waitingForFetch { concludeWithoutPolicy(one, Verdict(fault: fault)) }
        stuck.chain.waitingForFetch = []
        flush()
    }

    private func concludeWithoutPolicy(_ attempt: Attempt, _ verdict: Verdict) {
        let item = attempt.event.item
        let now = environment.clock.now()
        concluded.append(
            Conclusion(
                event: attempt.event,
                record: AttemptRecord(
                    number: attempt.number, startedAt: attempt.startedAt, duration: .now - attempt.startedInstant,
                    outcome: verdict.outcome, error: verdict.sentence, pluginChain: attempt.chain.titles),
                disposition: disposition(
                    after: verdict, attemptsThisRound: item.attemptsThisRound + 1,
                    attemptsMax: attempt.settings.settings.attemptsMax, now: now,
                    decide: { .again(after: LaneEnvironment.delayWithoutPolicy) }),
                reachedDestination: false))
    }

    private static func nanoseconds() -> Int64 {
        let since = ContinuousClock.Instant.now - LaneEnvironment.epoch
        return since.inMicroseconds &* 1_000 &+ 1
    }
}

extension Verdict {
    init(fault: PluginFault) {
        self.init(unsent: .plugin, "\(fault.component): \(fault.sentence)")
    }
}
