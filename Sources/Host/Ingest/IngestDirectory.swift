import Domain
import Ports
import Synchronization
import Telemetry
import Threading

/// Who may post and where it goes, from memory. A miss is loaded by a thread of its own; all who ask for the same
/// key meanwhile wait for the one load.
final class IngestDirectory: Sendable {
    typealias Key = DirectoryCache.Key

    enum LoadResult: Sendable {
        case loaded(DirectoryCache.Entry)
        case unavailable
    }

    typealias Waiter = @Sendable (LoadResult) -> Void

    private struct State {
        var cache = DirectoryCache()
        var waiters: [Key: [Waiter]] = [:]
    }

    private let state = Mutex(State())
    private let wanted = Mailbox<Key>()
    private let makeStore: @Sendable () -> any DirectoryStore
    private let thread = Mutex<WorkerThread?>(nil)

    init(makeStore: @escaping @Sendable () -> any DirectoryStore) { self.makeStore = makeStore }

    func start() {
        thread.withLock { $0 = WorkerThread("ingest-load") { self.run() } }
    }

    /// Those who wait are told that the store is away.
    func stop() {
        wanted.close()
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
        let left = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in left.values.joined() { waiter(.unavailable) }
    }

    func cached(_ key: Key) -> DirectoryCache.Entry? {
        let now = ContinuousClock.now
        return state.withLock { $0.cache.entry(key, at: now) }
    }

    /// Calls back on the loader's thread.
    func load(_ key: Key, then waiter: @escaping Waiter) {
        let isFirst = state.withLock { state in
            state.waiters[key, default: []].append(waiter)
            return state.waiters[key]!.count == 1
        }
        // The first to wait asks for all; after `stop` nobody would answer.
        if isFirst, !wanted.post(key) { finish(key, .unavailable) }
    }

    func apply(_ change: DirectoryChange) { state.withLock { $0.cache.apply(change) } }

    private func run() {
        let store = makeStore()
        while case let keys = wanted.takeAll(), !keys.isEmpty {
            // Once the store is away, the rest of this round need not find that out one by one.
            var isAway = false
            for key in keys {
                let result = isAway ? .unavailable : load(key, from: store)
                if case .unavailable = result { isAway = true }
                finish(key, result)
            }
        }
    }

    private func load(_ key: Key, from store: any DirectoryStore) -> LoadResult {
        let generation = state.withLock { $0.cache.generation }
        do throws(StoreError) {
            let entry: DirectoryCache.Entry =
                switch key {
                case .apiKey(let digest):
                    try store.tenant(ofAPIKeyHash: digest.bytes).map { .tenant($0) } ?? .unknown
                case .token(let digest):
                    try store.target(ofTokenHash: digest.bytes).map { .target($0) } ?? .unknown
                }
            let now = ContinuousClock.now
            state.withLock { $0.cache.insert(entry, for: key, generation: generation, at: now) }
            return .loaded(entry)
        } catch {
            Log("ingest").warning("a key could not be looked up", ["reason": error.sentence])
            return .unavailable
        }
    }

    private func finish(_ key: Key, _ result: LoadResult) {
        for waiter in state.withLock({ $0.waiters.removeValue(forKey: key) }) ?? [] { waiter(result) }
    }
}
