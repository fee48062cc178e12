import Glibc

/// A counting semaphore: at most so many at a time, the others wait.
final class Permits: @unchecked Sendable {
    // A semaphore is made to be shared; it needs an address that does not change, hence the allocation.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init(_ count: Int) {
        precondition(count > 0)
        semaphore = .allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, UInt32(count))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func take() {
        // A signal handler may interrupt the wait; it then has to be asked for again.
        while sem_wait(semaphore) != 0 && errno == EINTR {}
    }

    func giveBack() { sem_post(semaphore) }
}
