import Domain
import Ports
import Telemetry

// What waits in the store: how it is found, asked for and taken.
extension Dispatcher {
    func take(_ answer: DueReader.Answer) {
        switch answer {
        case .destinations(let ids, let ofAll):
            for id in ids {
                let shard = Shard(of: id, count: shardCount)
                guard owned.contains(shard) else { continue }
                queues[id, default: DestinationQueue(shard: shard)].moreDue = true
                if ofAll { queues[id]!.becameDue() }
                wantRead(id)
                // The store would not name it if it were closed: we have missed that it was opened.
                if queues[id]!.gate?.isOpen == false { refresh(id) }
            }
        case .checked(let events, let waiting, let askedAt):
            for event in events { checked(event, waiting, askedAt) }
        case .read(let read, let items):
            isReading = false
            readAt = .now
            takeRead(read, items)
        }
    }

    private func checked(_ event: HeldEvent, _ waiting: Set<EventID>?, _ askedAt: Timestamp) {
        let id = event.item.destinationID
        guard let shard = queues[id]?.shard, isOpen(shard) else {
            letGo(event)
            return
        }
        switch waiting?.contains(event.item.eventID) {
        case true:
            queues[id]!.putBack(event, verifiedAt: askedAt)
            makeReady(id)
        case false:
            // Delivered, cancelled or retried meanwhile: the row says what happens next, this copy does not.
            if let receipt = letGo(event) { toSettle.append(.acknowledge([receipt])) }
        case nil:
            // The store is away: the next sweep asks again.
            queues[id]!.putBack(event, verifiedAt: nil)
        }
    }

    private func takeRead(_ read: DueRead, _ items: [WorkItem]?) {
        guard let items else {
            for request in read.requests { queues[request.destination]?.readFailed() }
            return
        }
        let byDestination = Dictionary(grouping: items, by: \.destinationID)
        // Events come in the order of the requests: what was cut off is behind the last.
        let last = read.requests.lastIndex { byDestination[$0.destination] != nil } ?? 0
        let cutAt = read.isCut(items) ? last : read.requests.endIndex
        for (index, request) in read.requests.enumerated() {
            take(byDestination[request.destination] ?? [], of: request, isCut: index >= cutAt, read)
        }
        // The last that got something has had its turn; those behind it have not.
        for request in read.requests[cutAt...].dropFirst().reversed() { wantRead(request.destination, isFirst: true) }
        if cutAt < read.requests.endIndex { wantRead(read.requests[cutAt].destination) }
    }

    private func take(_ found: [WorkItem], of request: DueRead.Request, isCut: Bool, _ read: DueRead) {
        let id = request.destination
        guard let shard = queues[id]?.shard else { return }
        let fresh = queues[id]!.readEnded(found, asked: request.events, isCut: isCut)
        guard isOpen(shard) else {
            queues[id]!.moreDue = false
            return
        }
        let now = clock.now()
        for item in fresh {
            let event = HeldEvent(item: item, verifiedAt: read.askedAt, mustCheck: false)
            switch queues[id]!.offer(event, limit: memory.queueLimit, at: now) {
            case .queued: queued(event)
            case .alreadyHeld: break
            case .full: queues[id]!.moreDue = true
            }
        }
        if queues[id]!.moreDue, !isCut { wantRead(id) }
    }

    /// A destination has due events in the store; they are asked for in its tenant's turn. isFirst: it has had its
    /// turn, and nothing came of it.
    func wantRead(_ id: DestinationID, isFirst: Bool = false) {
        guard let queue = queues[id], queue.moreDue, !queue.isReading else { return }
        // Without the settings nobody knows whose they are and how many may go.
        guard let tenant = settings[id]?.settings.tenantID else { return load(id) }
        if isFirst {
            wantsRead.addFirst(id, of: tenant)
        } else {
            wantsRead.add(id, of: tenant)
        }
    }

    /// Asks for due events of destinations that have room for them, and only into a part of the memory, so that what
    /// comes fresh finds room beside a long backlog. For no more destinations than will fill what may come: the store
    /// looks for all that it is asked for.
    func readDue() {
        let memory = memory
        guard stopBy == nil, !isReading, memory.isReadDue(after: .now - readAt) else { return }
        let now = clock.now()
        var requests: [DueRead.Request] = []
        var held: [EventID] = []
        var expected = (events: 0, bytes: 0)
        while requests.count < Self.readBatch, expected.events < Self.readEventsMax, expected.bytes < memory.readBytes,
            let id = wantsRead.next()?.destination
        {
            guard let room = readRoom(id, memory, at: now), let queue = queues[id] else {
                wantsRead.pause()
                continue
            }
            let share = queue.expected(of: room)
            wantsRead.pause(after: share.bytes)
            requests.append(
                DueRead.Request(destination: id, events: room, waitedForOpening: queue.mayHaveWaited))
            expected.events += share.events
            expected.bytes += share.bytes
            held += queue.held
            queues[id]!.readBegan()
        }
        isReading = !requests.isEmpty
        guard isReading else { return }
        surroundings.dueReader.mailbox.post(
            .read(
                DueRead(
                    requests: requests, bytes: memory.readBytes, bytesPerEvent: HeldEvent.overheadBytes, held: held,
                    askedAt: now)))
    }

    /// How many events may be read for a destination whose turn it is; nil: none for now.
    private func readRoom(_ id: DestinationID, _ memory: MemoryUse, at now: Timestamp) -> Int? {
        guard let queue = queues[id], queue.moreDue, !queue.isReading else { return nil }
        // Whoever owns it next looks for himself; and whoever opens it says so.
        guard isOpen(queue.shard), queue.gate?.isOpen != false else {
            queues[id]!.moreDue = false
            return nil
        }
        guard queue.gate != nil, memory.isForSlow || !queue.isSlow(at: now) else { return nil }
        let room = queue.room(at: now, limit: memory.queueLimit)
        return room > 0 ? room : nil
    }
}
