import Domain
import Synchronization

/// How many requests of each tenant are being answered. All tenants share the threads of the management API, and one
/// that fills them with long requests must leave some to the others.
final class TenantTurns: Sendable {
    private let most: Int
    private let running = Mutex<[TenantID: Int]>([:])

    /// most: of one tenant at a time.
    init(most: Int) { self.most = most }

    /// False if the tenant has to come back; otherwise to be followed by `end`.
    func begin(_ tenant: TenantID) -> Bool {
        running.withLock { running in
            guard running[tenant, default: 0] < most else { return false }
            running[tenant, default: 0] += 1
            return true
        }
    }

    func end(_ tenant: TenantID) {
        running.withLock { running in
            let left = running[tenant, default: 1] - 1
            running[tenant] = left > 0 ? left : nil
        }
    }
}
