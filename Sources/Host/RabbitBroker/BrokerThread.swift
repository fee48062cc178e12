import Domain
import Glibc
import Synchronization
import Threading

/// The thread of a publisher or a consumer, with what others need to reach it: a waker, a wish to stop, a lifeline.
final class BrokerThread: Sendable {
    /// How long a thread may take to say goodbye to the broker before its socket is shut down.
    static let goodbye = Duration.seconds(2)

    let lifeline = Lifeline()
    private let waker = Waker()
    private let stopping = Atomic<Bool>(false)
    private let ended = Mailbox<Void>()
    private let thread = Mutex<WorkerThread?>(nil)

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Once.
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        thread.withLock { thread in
            precondition(thread == nil, "thread \(name) was started twice")
            thread = WorkerThread(name) { [ended] in
                body()
                ended.close()
            }
        }
    }

    /// Returns when the thread has ended. Safe to call twice, and without a start; never from the thread itself.
    func stop() {
        stopping.store(true, ordering: .releasing)
        waker.wake()
        guard let thread = thread.withLock({ $0 }) else { return }
        _ = ended.takeAll(until: .now + Self.goodbye)
        if !ended.isClosed { lifeline.cut() }
        thread.join()
    }

    /// From any thread: there is something to look at.
    func wake() { waker.wake() }

    /// By the thread: lets others work for a while, at most a few milliseconds, which it does not look at anything in.
    /// Wakes meanwhile cost nobody a system call.
    func pause(atMost time: Duration) {
        guard !isStopping else { return }
        usleep(UInt32(clamping: time.inMicroseconds))
    }

    /// By the thread: waits until the socket can be read, someone wakes it, or the time is up.
    func wait(socket: Int32? = nil, atMost timeout: Duration) {
        var descriptors = [
            pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        // Rounded up, so that a wait for a moment does not end just before it and then spin.
        let milliseconds = Int32(clamping: (max(.zero, timeout).inMicroseconds + 999) / 1_000)
        _ = poll(&descriptors, 2, milliseconds)
        if descriptors[0].revents != 0 { waker.clear() }
    }
}
