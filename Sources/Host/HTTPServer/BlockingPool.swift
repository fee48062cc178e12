import Threading

/// Threads for handlers that may block, fed by one bounded queue. A `Mailbox` will not do here: it has one reader.
final class BlockingPool: @unchecked Sendable {
    typealias Job = @Sendable () -> Void

    private let threadCount: Int
    private let capacity: Int
    // All below is guarded by `lock`.
    private var jobs: [Job] = []
    private var closed = false
    private var threads: [WorkerThread] = []
    private let lock = ConditionLock()

    init(threads: Int, queue: Int) {
        threadCount = threads
        capacity = queue
    }

    func start() {
        lock.lock()
        defer { lock.unlock() }
        threads = (0..<threadCount).map { number in
            WorkerThread("http-work-\(number)") { while let job = self.next() { job() } }
        }
    }

    /// False if the queue is full or the pool has stopped; the job is then dropped.
    func run(_ job: @escaping Job) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard !closed, jobs.count < capacity else { return false }
        jobs.append(job)
        lock.signal()
        return true
    }

    /// Drops what waits and returns when the jobs that run have ended.
    func stop() {
        lock.lock()
        closed = true
        let dropped = jobs
        jobs = []
        let running = threads
        threads = []
        lock.broadcast()
        lock.unlock()
        // Dropping a job drops its responder, which answers; that must not happen under the lock.
        _ = consume dropped
        for thread in running { thread.join() }
    }

    private func next() -> Job? {
        lock.lock()
        defer { lock.unlock() }
        while jobs.isEmpty {
            if closed { return nil }
            lock.wait()
        }
        return jobs.removeFirst()
    }
}
