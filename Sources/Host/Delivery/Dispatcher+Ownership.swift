import Domain
import Ports
import Telemetry

// Which shards are ours, how they are given away, and how everything ends.
extension Dispatcher {
    func own(_ ownership: LeaseKeeper.Ownership) {
        validUntil = ownership.validUntil
        let lost = owned.subtracting(ownership.held)
        let gained = ownership.held.subtracting(owned)
        draining = draining.intersection(ownership.held).union(ownership.surplus)
        guard !lost.isEmpty || !gained.isEmpty || !ownership.surplus.isEmpty else { return }
        owned = ownership.held
        dropWaiting(in: lost.union(draining))
        forgetDestinations(in: lost)
        announce()
        for shard in lost { surroundings.consumer.release(shard) }
    }

    private func announce() {
        let active = stopBy == nil ? owned.subtracting(draining) : []
        surroundings.consumer.consume(active)
        surroundings.dueReader.mailbox.post(.owned(active))
    }

    /// Lets go of what has not been sent. Messages stay unacknowledged and return with the shard; rows are still due.
    private func dropWaiting(in shards: Set<Shard>) {
        for (id, queue) in queues where shards.contains(queue.shard) {
            for event in queues[id]!.takeAll() {
                letGo(event)
            }
            queues[id]!.moreDue = false
        }
    }

    private func forgetDestinations(in shards: Set<Shard>) {
        for (id, queue) in queues where shards.contains(queue.shard) {
            settings[id] = nil
            if queue.isIdle {
                queues[id] = nil
            } else {
                queues[id]!.released()
            }
        }
    }

    /// A shard that is to go to another node goes when nothing of it is in our hands.
    func releaseDrained() {
        guard !draining.isEmpty else { return }
        var busy: Set<Shard> = []
        for queue in queues.values where draining.contains(queue.shard) && !queue.held.isEmpty {
            busy.insert(queue.shard)
        }
        let done = draining.subtracting(busy)
        guard !done.isEmpty else { return }
        draining.subtract(done)
        owned.subtract(done)
        forgetDestinations(in: done)
        for shard in done { surroundings.consumer.release(shard) }
        surroundings.leaseKeeper.mailbox.post(.drained(done))
        announce()
    }

    func apply(_ change: DirectoryChange) {
        switch change {
        case .destination(let id):
            refresh(id)
        case .tenant(let tenant):
            for (id, snapshot) in settings where snapshot.settings.tenantID == tenant { refresh(id) }
        case .due(let id):
            guard owned.contains(Shard(of: id, count: shardCount)) else { return }
            queues[id, default: DestinationQueue(shard: Shard(of: id, count: shardCount))].becameDue()
            wantRead(id)
        case .cancelled(let id):
            let shard = Shard(of: id, count: shardCount)
            guard owned.contains(shard) else { return }
            queues[id, default: DestinationQueue(shard: shard)].doubt(at: clock.now())
        case .everything:
            for id in settings.keys { refresh(id) }
            for id in queues.keys { queues[id]!.doubt(at: clock.now()) }
        }
    }

    /// Settings may have changed: they are read again, and once more if a load is under way that may be older.
    func refresh(_ id: DestinationID) {
        if queues[id]?.reloadBegins() == true { surroundings.settingsLoader.mailbox.post(id) }
    }

    /// Whether work of this shard may be taken on.
    func isOpen(_ shard: Shard) -> Bool { stopBy == nil && owned.contains(shard) && !draining.contains(shard) }

    func beginStop(_ deadline: ContinuousClock.Instant) {
        stopBy = deadline
        announce()
        dropWaiting(in: Set(queues.values.map(\.shard)))
        for event in toCheck { letGo(event) }
        toCheck = []
    }
}
