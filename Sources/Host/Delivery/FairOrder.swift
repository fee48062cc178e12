import Domain

/// Which destination may send next: tenants take turns, and within a tenant its destinations do. A tenant with a
/// thousand busy destinations gets no more turns than one with a single one, and large payloads use turns up faster.
struct FairOrder {
    /// What one event costs besides its bytes: about what handling it takes, in bytes' worth of work.
    static let eventCost = 1_024
    /// Four small events a turn: fewer interleave finer, more cost fewer turns.
    static let quantum = 4 * eventCost
    /// The dearest an event gets, so that debts are paid off within a bounded number of rounds.
    static let costMax = 64 * quantum

    private var tenants = DeficitRing<TenantID>(quantum: quantum)
    private var destinations: [TenantID: DeficitRing<DestinationID>] = [:]

    static func cost(ofBytes count: Int) -> Int { min(eventCost + count, costMax) }

    /// The destination may have something to send. Once is enough.
    mutating func add(_ destination: DestinationID, of tenant: TenantID) {
        destinations[tenant, default: DeficitRing(quantum: Self.quantum)].add(destination)
        tenants.add(tenant)
    }

    /// Whose turn it is; it stays its turn until `sent` or `pause` says otherwise.
    mutating func next() -> (tenant: TenantID, destination: DestinationID)? {
        guard let tenant = tenants.front(), let destination = destinations[tenant]?.front() else { return nil }
        return (tenant, destination)
    }

    /// The destination whose turn it was sent an event of so many bytes.
    mutating func sent(bytes: Int) {
        guard let tenant = tenants.front() else { return }
        let cost = Self.cost(ofBytes: bytes)
        destinations[tenant]?.charge(cost)
        tenants.charge(cost)
    }

    /// The tenant whose turn it was may send nothing until one of its destinations is added again.
    mutating func pauseTenant() { tenants.removeFront() }

    /// The destination whose turn it was has nothing to send for now.
    mutating func pause() {
        guard let tenant = tenants.front() else { return }
        destinations[tenant]?.removeFront()
        if destinations[tenant]?.isEmpty != false {
            destinations[tenant] = nil
            tenants.removeFront()
        }
    }
}
