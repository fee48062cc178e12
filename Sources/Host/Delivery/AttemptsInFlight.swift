import Domain
import Ports

/// The attempts under way, and each tenant's part of them. A value; times come from outside.
struct AttemptsInFlight {
    private struct Attempt {
        var tenant: TenantID
        var bytes: Int
        var since: ContinuousClock.Instant
        /// It is shown as `Processing`.
        var isMarked = false
    }

    private struct Share {
        var attempts = 0
        var bytes = 0
    }

    let limit: Int
    /// Of footprints. The last one to begin may go beyond it.
    let bytesMax: Int
    private var attempts: [EventID: Attempt] = [:]
    /// Their footprints, together.
    private(set) var bytes = 0
    private var byTenant: [TenantID: Share] = [:]

    init(limit: Int, bytesMax: Int) {
        self.limit = limit
        self.bytesMax = bytesMax
    }

    var count: Int { attempts.count }
    var isEmpty: Bool { attempts.isEmpty }
    var isFull: Bool { attempts.count >= limit || bytes >= bytesMax }

    /// No tenant may hold more than is left for the others: whoever comes finds room.
    func hasRoom(for tenant: TenantID) -> Bool {
        let share = byTenant[tenant] ?? Share()
        return share.attempts < limit - attempts.count && share.bytes < bytesMax - bytes
    }

    mutating func begin(_ event: HeldEvent, at now: ContinuousClock.Instant) {
        let item = event.item
        // What is counted here is counted off once.
        end(item.eventID)
        attempts[item.eventID] = Attempt(tenant: item.tenantID, bytes: event.footprint, since: now)
        bytes += event.footprint
        byTenant[item.tenantID, default: Share()].attempts += 1
        byTenant[item.tenantID, default: Share()].bytes += event.footprint
    }

    mutating func end(_ event: EventID) {
        guard let attempt = attempts.removeValue(forKey: event), var share = byTenant[attempt.tenant] else { return }
        bytes -= attempt.bytes
        share.attempts -= 1
        share.bytes -= attempt.bytes
        byTenant[attempt.tenant] = share.attempts > 0 ? share : nil
    }

    /// Those that began before this time; each is returned once.
    mutating func markLong(since: ContinuousClock.Instant) -> [EventID] {
        let long = attempts.filter { !$0.value.isMarked && $0.value.since < since }.keys
        for event in long { attempts[event]?.isMarked = true }
        return Array(long)
    }
}
