import Domain

/// Which destination may send next: tenants take turns, and within a tenant its destinations do. A tenant with a
/// thousand busy destinations gets no more turns than one with a single one, and large payloads use turns up faster.
struct FairOrder {
    /// What one event costs besides its bytes: about what handling it takes, in bytes' worth of work.
    static let eventCost = 1_024
    /// Four small events a turn: fewer interleave finer, more cost fewer turns.
    static let quantum = 4 * eventCost
    /// The dearest that one thing gets, in turns, so that debts are paid off within a bounded number of rounds.
    private static let turnsMax = 64

    private let quantum: Int
    private var tenants: DeficitRing<TenantID>
    private var destinations: [TenantID: DeficitRing<DestinationID>] = [:]

    /// quantum: what a tenant may spend in a turn.
    init(quantum: Int = Self.quantum) {
        self.quantum = quantum
        tenants = DeficitRing(quantum: quantum)
    }

    private func bounded(_ cost: Int) -> Int { min(cost, Self.turnsMax * quantum) }

    /// The destination may have something to send. Once is enough.
    mutating func add(_ destination: DestinationID, of tenant: TenantID) {
        destinations[tenant, default: DeficitRing(quantum: quantum)].add(destination)
        tenants.add(tenant)
    }

    /// The destination was taken out and got nothing: it is the next, before all others.
    mutating func addFirst(_ destination: DestinationID, of tenant: TenantID) {
        destinations[tenant, default: DeficitRing(quantum: quantum)].addFirst(destination)
        tenants.addFirst(tenant)
    }

    /// Whose turn it is; it stays its turn until `sent` or `pause` says otherwise.
    mutating func next() -> (tenant: TenantID, destination: DestinationID)? {
        guard let tenant = tenants.front(), let destination = destinations[tenant]?.front() else { return nil }
        return (tenant, destination)
    }

    /// The destination whose turn it was sent an event of so many bytes.
    mutating func sent(bytes: Int) {
        guard let tenant = tenants.front() else { return }
        let cost = bounded(Self.eventCost + bytes)
        destinations[tenant]?.charge(cost)
        tenants.charge(cost)
    }

    /// The tenant whose turn it was may send nothing until one of its destinations is added again.
    mutating func pauseTenant() { tenants.removeFront() }

    /// The destination whose turn it was has nothing to send for now.
    mutating func pause() { pause(after: 0) }

    /// The destination whose turn it was has all that it wanted, at this cost to its tenant.
    mutating func pause(after cost: Int) {
        guard let tenant = tenants.front() else { return }
        destinations[tenant]?.removeFront()
        if destinations[tenant]?.isEmpty != false {
            destinations[tenant] = nil
            tenants.removeFront()
        } else if cost > 0 {
            tenants.charge(bounded(cost))
        }
    }
}
