import Glibc
import Ports
import Synchronization

/// A bounded number of stores, lent to whichever thread asks and made when first needed.
package final class PostgresPool: ManagementStorePool {
    /// A store that nobody uses at the moment. It is sent from thread to thread, but only ever owned by one.
    private struct Idle: @unchecked Sendable {
        let store: PostgresStore
    }

    private let makeStore: @Sendable () -> PostgresStore
    private let idle = Mutex<[Idle]>([])
    /// Counts the stores that may still be lent.
    private let free: Semaphore

    /// size: connections at most, which is also how many threads may be inside `withStore` at a time.
    package init(url: String, size: Int, session: PostgresSession = .management()) {
        precondition(size > 0, "a pool lends at least one store")
        makeStore = { PostgresStore(url: url, session: session) }
        free = Semaphore(size)
    }

    package func withStore<Result>(_ body: (any ManagementStore) throws -> Result) throws -> Result {
        try withPostgresStore { try body($0) }
    }

    /// The same, for callers that need more than management. The store must not be kept.
    package func withPostgresStore<Result>(_ body: (PostgresStore) throws -> Result) throws -> Result {
        free.wait()
        defer { free.signal() }
        // The one given back last is the one most likely to have its statements prepared.
        let store = (idle.withLock { $0.popLast() } ?? Idle(store: makeStore())).store
        defer {
            let returned = Idle(store: store)
            idle.withLock { $0.append(returned) }
        }
        return try body(store)
    }
}

/// POSIX's counting semaphore; Swift's standard library has none to wait on.
private final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init(_ count: Int) {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, UInt32(count))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func wait() { while sem_wait(semaphore) != 0 {} }
    func signal() { sem_post(semaphore) }
}
