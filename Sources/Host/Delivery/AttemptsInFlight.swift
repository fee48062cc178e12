import Domain
import Ports

/// The attempts under way, and each tenant's part of them. A value; times come from outside.
struct AttemptsInFlight {
    private struct Attempt {
        var tenant: TenantID
        var since: ContinuousClock.Instant
        /// It is shown as `Processing`.
        var isMarked = false
    }

    let limit: Int
    private var attempts: [EventID: Attempt] = [:]
    private var byTenant: [TenantID: Int] = [:]

    init(limit: Int) { self.limit = limit }

    var count: Int { attempts.count }
    var isEmpty: Bool { attempts.isEmpty }
    var isFull: Bool { attempts.count >= limit }

    /// No tenant may hold more than is left for the others: whoever comes finds room.
    func hasRoom(for tenant: TenantID) -> Bool { byTenant[tenant, default: 0] < limit - attempts.count }

    mutating func begin(_ item: WorkItem, at now: ContinuousClock.Instant) {
        // What is counted here is counted off once.
        end(item.eventID)
        attempts[item.eventID] = Attempt(tenant: item.tenantID, since: now)
        byTenant[item.tenantID, default: 0] += 1
    }

    mutating func end(_ event: EventID) {
        guard let attempt = attempts.removeValue(forKey: event) else { return }
        let left = byTenant[attempt.tenant, default: 1] - 1
        byTenant[attempt.tenant] = left > 0 ? left : nil
    }

    /// Those that began before this time; each is returned once.
    mutating func markLong(since: ContinuousClock.Instant) -> [EventID] {
        let long = attempts.filter { !$0.value.isMarked && $0.value.since < since }.keys
        for event in long { attempts[event]?.isMarked = true }
        return Array(long)
    }
}
