import Ports
import PostgresStore
import Synchronization
import Threading

/// Hears what other nodes changed and tells the parts that keep copies.
final class ChangeFanOut: Sendable {
    private let url: String
    private let waker = Waker()
    private let isStopping = Atomic<Bool>(false)
    private let apply: @Sendable (DirectoryChange) -> Void
    private let thread = Mutex<WorkerThread?>(nil)

    init(url: String, apply: @escaping @Sendable (DirectoryChange) -> Void) {
        self.url = url
        self.apply = apply
    }

    func start() {
        thread.withLock {
            $0 = WorkerThread("changes") { [self] in
                let listener = ChangeListener(url: url, wakeDescriptor: waker.descriptor)
                while !isStopping.load(ordering: .acquiring) {
                    for change in listener.next(timeout: .seconds(5)) { apply(change) }
                }
                listener.close()
            }
        }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        waker.wake()
        thread.withLock { $0 }?.join()
    }
}
