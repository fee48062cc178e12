import Foundation
import Synchronization
import TestSupport

/// Runs `body` on that many threads at once and returns what each returned, or throws what one threw.
func inParallel<Result: Sendable>(_ threads: Int, _ body: @escaping @Sendable (Int) throws -> Result) throws
    -> [Result]
{
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: threads) { index in
        let result = Swift.Result { try body(index) }
        results.withLock { $0[index] = result }
    }
    return try (0..<threads).map { index in try results.withLock { $0[index]! }.get() }
}

/// Runs `body` on a thread of its own, `release` once it waits for a lock in this database, and returns its result.
func onAThreadThatWaits<Result: Sendable>(
    in database: TestDatabase, _ body: @escaping @Sendable () throws -> Result, release: () throws -> Void
) throws -> Result {
    let outcome = Outcome<Result>()
    Thread { outcome.result.withLock { $0 = Swift.Result { try body() } } }.start()
    let watcher = database.makeConnection()
    defer { watcher.close() }
    let waits = """
        SELECT EXISTS (
            SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
        """
    let hasWaited = try eventually { try watcher.text(waits) == "true" }
    try release()
    guard hasWaited else { throw NobodyWaited() }
    _ = eventually { outcome.result.withLockIfAvailable { $0 != nil } ?? false }
    return try outcome.result.withLock { try $0!.get() }
}

private struct NobodyWaited: Error {}

private final class Outcome<Value: Sendable>: Sendable {
    let result = Mutex<Swift.Result<Value, any Error>?>(nil)
}

extension Array {
    func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
