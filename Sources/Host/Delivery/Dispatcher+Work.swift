import Domain
import Ports
import Telemetry

// How work comes in, goes out, and comes back.
extension Dispatcher {
    /// Age from which an event's row is looked at before it is sent: half the grace, so that the broker and the
    /// hand-over never both deliver it.
    private var checkAfter: Duration { limits.handOverGrace / 2 }

    func receive(_ delivery: BrokerDelivery) {
        // Not ours (any more): it returns to the queue when the shard is released.
        guard isOpen(delivery.shard) else { return }
        let event = HeldEvent(
            item: delivery.item, verifiedAt: delivery.item.acceptedAt, mustCheck: delivery.redelivered)
        let id = event.item.destinationID
        let isPressed = memory.isPressed || credit.isPressed(delivery.shard)
        let action = queues[id, default: DestinationQueue(shard: delivery.shard)].receive(
            event, limit: memory.queueLimit, isPressed: isPressed, at: clock.now())
        switch action {
        case .queued:
            queued(event)
            credit.keep(delivery.receipt, for: delivery.item.eventID, shard: delivery.shard, at: .now)
        case .alreadyHeld:
            // The row is the truth, and we are working on it: this copy is not needed.
            toSettle.append(.acknowledge([delivery.receipt]))
        case .full:
            park(event, receipt: delivery.receipt, until: queues[id]?.parkedUntil ?? nil)
        }
    }

    var memory: MemoryUse { MemoryUse(limits: limits, held: heldBytes, inFlight: inFlight.bytes) }

    func queued(_ event: HeldEvent) {
        heldBytes += event.footprint
        makeReady(event.item.destinationID)
    }

    /// Hands an event back to the store without an attempt; the due scan brings it again. Its queue goes on holding it
    /// until that is settled.
    private func park(_ event: HeldEvent, receipt: Receipt?, until: Timestamp?) {
        let item = event.item
        if until != .never { queues[item.destinationID]?.moreDue = true }
        metrics.parked.add()
        toSettle.append(
            .settle(
                SettleOrder(
                    settlement: Settlement(
                        eventID: item.eventID, destinationID: item.destinationID, tenantID: item.tenantID,
                        attemptsFinished: item.attemptsFinished, attempt: nil, disposition: .parked(dueAt: until)),
                    receipt: receipt)))
    }

    /// Lets go of an event that was not sent, without a word to the store: it comes again with the broker's or the
    /// store's help. Returns the receipt of its message, if it still had one.
    @discardableResult
    func letGo(_ event: HeldEvent) -> Receipt? {
        heldBytes -= event.footprint
        queues[event.item.destinationID]?.forget(event.item.eventID)
        return credit.take(event.item.eventID)
    }

    func parkHeld(_ event: HeldEvent, until: Timestamp?) {
        heldBytes -= event.footprint
        park(event, receipt: credit.take(event.item.eventID), until: until)
    }

    func makeReady(_ id: DestinationID) {
        if let tenant = queues[id]?.tenant { order.add(id, of: tenant) }
    }

    /// Lets go whatever may go, in fair order, as long as lanes and courier keep up.
    func pump() {
        let instant = ContinuousClock.now
        let storeIsSilent = surroundings.settler.hasWaited(longerThan: limits.settlePatience)
        // Outcomes that wait to be written bound what is started: they take memory, and come twice after a crash.
        guard validUntil > instant, !storeIsSilent, unsettled < Self.unsettledMax else { return }
        let now = clock.now()
        var room = Self.preparedMax - surroundings.preparing
        isHeldBack = false
        while !inFlight.isFull, let (tenant, id) = order.next() {
            isHeldBack = room <= 0
            if isHeldBack { return }
            guard inFlight.hasRoom(for: tenant) else {
                order.pauseTenant()
                continue
            }
            switch next(of: id, at: now) {
            case .attempt(let event):
                room -= 1
                start(event, of: id)
                order.sent(bytes: event.bytes)
            case .check(let event):
                toCheck.append(event)
                order.sent(bytes: 0)
            case .idle:
                order.pause()
            case .loadSettings:
                load(id)
                order.pause()
            case .park(let events, let until):
                for event in events { parkHeld(event, until: until) }
                order.pause()
            }
        }
    }

    private func next(of id: DestinationID, at now: Timestamp) -> DestinationQueue.NextAction {
        guard let shard = queues[id]?.shard, isOpen(shard) else { return .idle }
        return queues[id]!.next(at: now, checkAfter: checkAfter)
    }

    private func start(_ event: HeldEvent, of id: DestinationID) {
        inFlight.begin(event, at: .now)
        guard let snapshot = settings[id] else { return }
        outgoing[lane(of: id)].append(.attempt(event, snapshot))
    }

    private func lane(of id: DestinationID) -> Int {
        Int(UInt(bitPattern: Int(truncatingIfNeeded: id.low)) % UInt(outgoing.count))
    }

    func load(_ id: DestinationID) {
        if queues[id]?.loadBegins() == true { surroundings.settingsLoader.mailbox.post(id) }
    }

    func configure(_ id: DestinationID, _ snapshot: SettingsSnapshot?) {
        guard queues[id] != nil else { return }
        guard let snapshot else {
            // Deleted while events waited; their rows went with it, or will be cancelled.
            log.warning("a destination is gone; its events are let go", ["destination": "\(id)"])
            settings[id] = nil
            for event in queues[id]!.takeAll() {
                if let receipt = letGo(event) { toSettle.append(.acknowledge([receipt])) }
            }
            let isOld = queues[id]!.forgetSettings()
            outgoing[lane(of: id)].append(.forget(id))
            if isOld { load(id) }
            return
        }
        settings[id] = snapshot
        if queues[id]!.configure(snapshot.settings) { load(id) }
        makeReady(id)
        if queues[id]!.moreDue { wantRead(id) }
    }

    func conclude(_ conclusion: Conclusion) {
        let item = conclusion.event.item
        let id = item.destinationID
        inFlight.end(item.eventID)
        guard let record = conclusion.record else { return postpone(conclusion) }
        heldBytes -= conclusion.event.footprint
        unsettled += 1
        metrics.finished(record)
        let before = queues[id]?.breaker
        let change = queues[id]?.finished(
            item.eventID, succeeded: record.outcome == .succeeded,
            reachedDestination: conclusion.reachedDestination, took: record.duration, at: clock.now(),
            threshold: limits.breakerThreshold)
        if let change, change != .none { report(change, id) }
        // Persisted whenever it moved, so that a take-over goes on counting where this owner stopped; after one, what
        // the next owner writes counts.
        if let queue = queues[id], queue.breaker != before, owned.contains(queue.shard) {
            let breaker = queue.breaker
            toSettle.append(
                .breaker(
                    BreakerRecord(
                        destinationID: id, state: breaker.state, consecutiveFailures: breaker.consecutiveFailures,
                        nextProbeAt: breaker.nextProbeAt)))
        }
        toSettle.append(
            .settle(
                SettleOrder(
                    settlement: Settlement(
                        eventID: item.eventID, destinationID: id, tenantID: item.tenantID,
                        attemptsFinished: item.attemptsFinished, attempt: record,
                        disposition: conclusion.disposition),
                    receipt: credit.take(item.eventID))))
        makeReady(id)
        if queues[id]?.moreDue == true { wantRead(id) }
    }

    /// A plugin was not there: like an open breaker, the destination's events wait in the store until it is.
    private func postpone(_ conclusion: Conclusion) {
        let item = conclusion.event.item
        guard case .parked(let until) = conclusion.disposition else { return }
        queues[item.destinationID]?.postponed(item.eventID, until: until)
        parkHeld(conclusion.event, until: until)
        makeReady(item.destinationID)
    }

    private func report(_ change: CircuitBreaker.Change, _ id: DestinationID) {
        switch change {
        case .opened(let until):
            metrics.breakersOpened.add()
            log.warning("circuit breaker opened", ["destination": "\(id)", "next_probe": "\(until)"])
        case .closed:
            log.info("circuit breaker closed", ["destination": "\(id)"])
        case .none:
            break
        }
    }

    func forget(_ settlement: Settlement) {
        if settlement.attempt != nil { unsettled -= 1 }
        queues[settlement.destinationID]?.forget(settlement.eventID)
        // Opened while the event was on its way to where only an opening is waited for.
        if settlement.disposition == .parked(dueAt: .never), queues[settlement.destinationID]?.gate?.isOpen == true {
            queues[settlement.destinationID]!.becameDue()
        }
        if queues[settlement.destinationID]?.moreDue == true { wantRead(settlement.destinationID) }
    }
}
