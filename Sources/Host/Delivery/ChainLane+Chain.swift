import Domain
import Ports
import Telemetry

// The steps of an attempt, in their order: transform, authenticate (perhaps after a fetch), sign and send, judge.
extension ChainLane {
    func begin(_ event: HeldEvent, _ settings: SettingsSnapshot) throws {
        let chain = try chain(for: settings, event)
        let attempt = Attempt(event: event, settings: settings, chain: chain, startedAt: environment.clock.now())
        if let problem = chain.problem {
            return try conclude(attempt, fault: problem)
        }
        do {
            for (step, transformer) in chain.transformers.enumerated() {
                let output = try attempt.timing(step: step) {
                    try foreign(.attempt(attempt)) { () throws(PluginFault) in
                        try transformer.transform(attempt.body, attempt.context)
                    }
                }
                attempt.body = output.bytes
                if let contentType = output.contentType { attempt.contentType = contentType }
            }
        } catch let fault as PluginFault {
            return try conclude(attempt, fault: fault)
        }
        guard takesMemory(for: attempt) else { return waitForMemory(attempt) }
        try authenticate(attempt)
    }

    private func takesMemory(for attempt: Attempt) -> Bool {
        let bytes = attempt.body.count - attempt.event.bytes
        guard bytes > TransformedBytes.uncountedMax else { return true }
        guard environment.transformedBytes.take(bytes, for: attempt.event.item.tenantID) else { return false }
        attempt.transformedBytes = bytes
        return true
    }

    /// Nothing was sent, so no attempt is counted.
    private func waitForMemory(_ attempt: Attempt) {
        log.debug("no memory is left for transformed bodies", ["event": "\(attempt.event.item.eventID)"])
        postpone(attempt, until: environment.clock.now() + LaneEnvironment.retryWithoutMemory)
    }

    private func authenticate(_ attempt: Attempt) throws {
        let headers = OutgoingHeaders(for: attempt.event.item, contentType: attempt.contentType)
        guard let authenticator = attempt.chain.authenticator else { return send(attempt, headers, []) }
        guard !attempt.chain.isFetching else {
            attempt.chain.waitingForFetch.append(attempt)
            return
        }
        do {
            let step = try attempt.timing(step: attempt.chain.authenticatorStep) {
                try foreign(.attempt(attempt)) { () throws(PluginFault) in
                    try authenticator.authenticate(
                        method: "POST", url: attempt.settings.settings.url, headers: headers.fields,
                        body: attempt.body, attempt.context)
                }
            }
            switch step {
            case .headers(let added):
                attempt.credentials = attempt.chain.credentials
                send(attempt, headers, added)
            case .needsFetch(let request) where !attempt.hasFetched:
                fetch(request, for: attempt)
            case .needsFetch:
                throw PluginFault(
                    component: authenticator.title, cause: .fault,
                    sentence: "it asked for a second fetch in one attempt")
            }
        } catch let fault as PluginFault {
            try conclude(attempt, fault: fault)
        }
    }

    private func send(_ attempt: Attempt, _ headers: OutgoingHeaders, _ added: [HeaderField]) {
        var headers = headers
        headers.sign(
            attempt.body, event: attempt.event.item.eventID, chain: attempt.chain, now: environment.clock.now())
        attempt.requestHeaders = headers.authenticate(added)
        let request = courierRequest(
            "POST", attempt.settings.settings.url, headers.fields, attempt.body,
            bodyKept: environment.limits.responseBodyKept, keepsHeaders: false)
        // Only an authenticator may have it sent a second time.
        if attempt.chain.authenticator == nil { attempt.body = [] }
        expected[request.token] = .delivery(attempt)
        outbox.append(request)
    }

    private func fetch(_ request: FetchRequest, for attempt: Attempt) {
        attempt.chain.isFetching = true
        let request = courierRequest(
            request.method, request.url, request.headers, request.body, bodyKept: environment.limits.responseBodyBytes,
            keepsHeaders: true)
        expected[request.token] = .fetch(attempt)
        outbox.append(request)
    }

    private func courierRequest(
        _ method: String, _ url: String, _ headers: [HeaderField], _ body: [UInt8], bodyKept: Int,
        keepsHeaders: Bool
    ) -> CourierRequest {
        nextToken += 1
        return CourierRequest(
            token: nextToken, method: method, url: url, headers: headers, body: body,
            connectTimeout: environment.limits.connectTimeout, totalTimeout: environment.limits.deliveryTimeout,
            responseBodyKept: bodyKept, keepsResponseHeaders: keepsHeaders)
    }

    func fetched(_ attempt: Attempt, _ answer: CourierResult.Answer) throws {
        let chain = attempt.chain
        var fault: PluginFault?
        do {
            try handOver(answer, to: chain.authenticator, for: attempt)
        } catch let thrown as PluginFault {
            fault = thrown
        }
        chain.isFetching = false
        // One leaves the line at a time: should a plugin hang, those still in it are known to whoever takes over.
        chain.waitingForFetch.insert(attempt, at: 0)
        while !chain.waitingForFetch.isEmpty {
            let next = chain.waitingForFetch.removeFirst()
            if let fault {
                try conclude(next, fault: fault)
            } else {
                next.hasFetched = true
                try authenticate(next)
            }
        }
    }

    private func handOver(
        _ answer: CourierResult.Answer, to authenticator: (any AuthenticatorInstance)?, for attempt: Attempt
    ) throws {
        guard let authenticator else { return }
        guard !attempt.chain.isAbandoned else { throw abandoned(authenticator.title) }
        switch answer {
        case .failure(_, let sentence):
            throw PluginFault(
                component: authenticator.title, cause: .retryable, sentence: "its request failed: \(sentence)")
        case .response(_, _, _, _, truncated: true):
            throw PluginFault(
                component: authenticator.title, cause: .retryable,
                sentence: "the answer to its request is larger than \(environment.limits.responseBodyBytes) bytes")
        case .response(let status, let headers, let body, _, truncated: false):
            try attempt.timing(step: attempt.chain.authenticatorStep) {
                try foreign(.attempt(attempt)) { () throws(PluginFault) in
                    try authenticator.fetched(status: status, headers: headers, body: body, attempt.context)
                }
            }
            attempt.chain.credentials += 1
        }
    }

    /// For an attempt that was under way when another's call did not return.
    private func abandoned(_ title: String) -> PluginFault {
        PluginFault(component: title, cause: .overrun, sentence: "another call of it did not return")
    }

    func answered(_ attempt: Attempt, _ answer: CourierResult.Answer) throws {
        let verdict = Verdict(answer, now: environment.clock.now())
        if verdict.httpStatus == 401, attempt.refusal == nil, !attempt.chain.isAbandoned,
            let authenticator = attempt.chain.authenticator
        {
            attempt.refusal = verdict
            if try hasAnother(authenticator, attempt) {
                attempt.hasFetched = false
                return try authenticate(attempt)
            }
        }
        try concludeByPolicy(attempt, verdict)
    }

    /// Whether there is another credential than the one that was refused. If one was fetched since, that is it: told of
    /// the refusal, the authenticator would drop the new one.
    private func hasAnother(_ authenticator: any AuthenticatorInstance, _ attempt: Attempt) throws -> Bool {
        guard attempt.credentials == attempt.chain.credentials else { return true }
        return try foreign(.attempt(attempt)) { () throws(PluginFault) in
            authenticator.rejected(status: 401, attempt.context)
        }
    }

    private func conclude(_ attempt: Attempt, fault: PluginFault) throws {
        switch fault.cause {
        case .unavailable, .missing:
            // A request was made, so the attempt counts; but no other credential was tried, so it is not the end.
            if attempt.refusal != nil { return try concludeByPolicy(attempt, Verdict(fault: fault)) }
            postpone(attempt, fault)
        default: try concludeByPolicy(attempt, Verdict(fault: fault))
        }
    }

    /// Nothing was tried, so no attempt is counted: the event waits until the plugin can be asked again.
    private func postpone(_ attempt: Attempt, _ fault: PluginFault) {
        log.debug("a plugin is not there", ["event": "\(attempt.event.item.eventID)", "reason": fault.sentence])
        let rest = fault.retryAfter ?? LaneEnvironment.retryWithoutHint
        postpone(attempt, until: environment.clock.now() + rest)
    }

    private func postpone(_ attempt: Attempt, until: Timestamp) {
        letGo(attempt)
        concluded.append(
            Conclusion(
                event: attempt.event, record: nil, disposition: .parked(dueAt: until), reachedDestination: false))
    }

    private func concludeByPolicy(_ attempt: Attempt, _ verdict: Verdict) throws {
        var decision = LaneEnvironment.decisionWithoutPolicy
        let failure = failure(of: attempt, verdict)
        let isLast = failure.attemptNumber >= failure.attemptsMax
        if verdict.outcome != .succeeded, !isLast, !attempt.chain.isAbandoned,
            let policy = attempt.chain.retryPolicy
        {
            do {
                decision = try foreign(.attempt(attempt)) { () throws(PluginFault) in
                    try policy.decide(failure, attempt.context)
                }
            } catch let fault as PluginFault {
                log.warning(
                    "the retry policy failed; the default delay is used",
                    [
                        "policy": fault.component, "reason": fault.sentence,
                        "event": "\(attempt.event.item.eventID)",
                    ])
            }
        }
        conclude(attempt, verdict, decision: decision)
    }

    private func failure(of attempt: Attempt, _ verdict: Verdict) -> RetryFailure {
        RetryFailure(
            attemptNumber: attempt.event.item.attemptsThisRound + 1, attemptsMax: attempt.settings.settings.attemptsMax,
            outcome: verdict.outcome, httpStatus: verdict.httpStatus, retryAfter: verdict.retryAfter,
            elapsed: environment.clock.now() - attempt.event.item.acceptedAt,
            random: verdict.outcome == .succeeded ? 0 : .random(in: .min ... .max))
    }

    /// decision: what follows if the attempt failed and was not the last.
    func conclude(_ attempt: Attempt, _ verdict: Verdict, decision: RetryDecision) {
        letGo(attempt)
        let record = AttemptRecord(
            number: attempt.number, startedAt: attempt.startedAt, duration: .now - attempt.startedInstant,
            outcome: verdict.outcome, httpStatus: verdict.httpStatus, error: verdict.sentence,
            responseBody: verdict.body, requestHeaders: attempt.requestHeaders, pluginChain: attempt.steps)
        concluded.append(
            Conclusion(
                event: attempt.event, record: record,
                disposition: disposition(
                    after: verdict, attemptsThisRound: attempt.event.item.attemptsThisRound + 1,
                    attemptsMax: attempt.settings.settings.attemptsMax, now: environment.clock.now(),
                    decide: { decision }),
                reachedDestination: verdict.reachedDestination))
    }

    private func letGo(_ attempt: Attempt) {
        letGo(attempt.chain, of: attempt.settings.settings.id)
        if attempt.transformedBytes > 0 {
            environment.transformedBytes.giveBack(attempt.transformedBytes, for: attempt.event.item.tenantID)
        }
    }

    func outOfService(_ fault: PluginFault, _ settings: SettingsSnapshot) -> AttemptChain {
        AttemptChain(
            outOfService: fault, settings, pluginGeneration: environment.catalog.generation,
            defaultPolicy: defaultPolicy)
    }

    private func chain(for settings: SettingsSnapshot, _ event: HeldEvent) throws -> AttemptChain {
        let id = settings.settings.id
        let generation = environment.catalog.generation
        if generation != pluginGeneration {
            // What is replaced goes as soon as nobody waits in it, and with it the processes of old versions.
            pluginGeneration = generation
            setAsideAll()
        }
        if let known = chains[id], known.isMade(from: settings.settings),
            known.pluginGeneration == generation,
            known.retryBuildAt.map({ $0 > .now }) ?? true
        {
            return known
        }
        // Bounded: chains are cheap to make again, so the whole cache is dropped rather than kept in order of use.
        if chains.count >= LaneEnvironment.chainsMax { setAsideAll() }
        var replaced = [defaultPolicy.made]
        let policy = try defaultPolicy.instance(environment.catalog) { make in
            try foreign(.preparing(event, settings), make)
        }
        let chain = try foreign(.preparing(event, settings)) {
            // To destroy it is foreign code as well.
            replaced.removeAll()
            return AttemptChain(
                settings.settings, catalog: environment.catalog, vault: environment.vault, defaultPolicy: policy)
        }
        setAside(id)
        chains[id] = chain
        return chain
    }

    /// All but those in which somebody waits for a fetch.
    private func setAsideAll() {
        for id in chains.filter({ !$0.value.isFetching }).keys { setAside(id) }
    }
}

extension Verdict {
    init(fault: PluginFault) {
        self.init(unsent: .plugin, "\(fault.component): \(fault.sentence)")
    }
}
