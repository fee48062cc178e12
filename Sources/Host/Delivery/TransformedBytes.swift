import Domain
import Synchronization

/// Memory for what transformers have added to the bodies of attempts in flight: a payload of a kilobyte may become one
/// of megabytes, which nobody knows before its attempt has begun. From any thread.
final class TransformedBytes: Sendable {
    /// Bytes up to which a body may grow without being counted.
    static let uncountedMax = 4 << 10

    private struct Taken {
        var bytes = 0
        var byTenant: [TenantID: Int] = [:]
    }

    private let limit: Int
    private let taken = Mutex(Taken())

    /// limit: bytes. The last one to take some may go beyond it.
    init(limit: Int) { self.limit = limit }

    /// False if there is no room: all is taken, or the tenant has as much as is left for all others.
    func take(_ bytes: Int, for tenant: TenantID) -> Bool {
        taken.withLock { taken in
            guard taken.byTenant[tenant, default: 0] < limit - taken.bytes else { return false }
            taken.bytes += bytes
            taken.byTenant[tenant, default: 0] += bytes
            return true
        }
    }

    func giveBack(_ bytes: Int, for tenant: TenantID) {
        taken.withLock { taken in
            taken.bytes -= bytes
            let left = taken.byTenant[tenant, default: bytes] - bytes
            taken.byTenant[tenant] = left > 0 ? left : nil
        }
    }
}
