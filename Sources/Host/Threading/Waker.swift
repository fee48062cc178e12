import CLinux
import Glibc
import Synchronization

/// Wakes a loop that waits in `poll` or `epoll`: an eventfd that becomes readable on `wake`.
///
/// Many wakes before the loop looks cost one system call: only the first writes.
package final class Waker: Sendable {
    package let descriptor: Int32
    private let pending = Atomic<Bool>(false)

    package init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(descriptor >= 0, "the system refused an eventfd: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    /// From any thread.
    package func wake() {
        guard !pending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// By the loop, before it looks at what it was woken for: a wake after this is a new one.
    package func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        pending.store(false, ordering: .releasing)
    }
}
