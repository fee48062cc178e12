import Domain
import Ports
import Synchronization

/// Lends one store to one thread at a time, and fails on request.
final class MemoryPool: ManagementStorePool, @unchecked Sendable {
    // Guarded by `mutex`.
    private let store: MemoryStore
    private let mutex = Mutex(())
    private let failure = Mutex<StoreError?>(nil)

    init(clock: TestClock) { store = MemoryStore(clock: clock) }

    func fail(with error: StoreError?) { failure.withLock { $0 = error } }

    func withStore<Result>(_ body: (any ManagementStore) throws -> Result) throws -> Result {
        if let error = failure.withLock({ $0 }) { throw error }
        return try inspect { try body($0) }
    }

    func inspect<Result>(_ body: (MemoryStore) throws -> Result) rethrows -> Result {
        try mutex.withLock { _ in try body(store) }
    }
}

final class TestClock: Sendable {
    private let time = Mutex(Timestamp(iso8601: "2026-08-01T09:00:00.000Z")!)

    var now: Timestamp { time.withLock { $0 } }
    func advance(by span: Duration) { time.withLock { $0 = $0 + span } }
}
