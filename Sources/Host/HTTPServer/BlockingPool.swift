import Glibc
import Threading

/// Threads for handlers that may block, fed by one bounded queue. A `Mailbox` will not do here: it has one reader.
final class BlockingPool: @unchecked Sendable {
    typealias Job = @Sendable () -> Void

    private let threadCount: Int
    private let capacity: Int
    // All below is guarded by `mutex`.
    private var jobs: [Job] = []
    private var closed = false
    private var threads: [WorkerThread] = []
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(threads: Int, queue: Int) {
        threadCount = threads
        capacity = queue
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func start() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        threads = (0..<threadCount).map { number in
            WorkerThread("http-work-\(number)") { while let job = self.next() { job() } }
        }
    }

    /// False if the queue is full or the pool has stopped; the job is then dropped.
    func run(_ job: @escaping Job) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !closed, jobs.count < capacity else { return false }
        jobs.append(job)
        pthread_cond_signal(condition)
        return true
    }

    /// Drops what waits and returns when the jobs that run have ended.
    func stop() {
        pthread_mutex_lock(mutex)
        closed = true
        let dropped = jobs
        jobs = []
        let running = threads
        threads = []
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        // Dropping a job drops its responder, which answers; that must not happen under the lock.
        _ = consume dropped
        for thread in running { thread.join() }
    }

    private func next() -> Job? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while jobs.isEmpty {
            if closed { return nil }
            pthread_cond_wait(condition, mutex)
        }
        return jobs.removeFirst()
    }
}
