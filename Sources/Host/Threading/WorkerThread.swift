import CLinux
import Glibc
import Synchronization

/// A named operating-system thread that runs one body and can be waited for.
package final class WorkerThread: Sendable {
    private let name: String
    private let state = Mutex<State>(.idle)

    private enum State {
        case idle
        case running(pthread_t)
        case joined
    }

    /// Starts at once. `name` shows in `top -H` and in crash reports; Linux keeps its first 15 bytes.
    package init(_ name: String, stackBytes: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        // Released by `trampoline`, which takes the retain over.
        let box = Unmanaged.passRetained(Body(name: name, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, trampoline, box.toOpaque())
        pthread_attr_destroy(&attributes)
        precondition(code == 0, "the system refused to start thread \(name): \(String(cString: strerror(code)))")
        state.withLock { $0 = .running(thread) }
    }

    /// A thread that nobody joins frees its stack by itself when its body returns.
    deinit {
        if case .running(let thread) = state.withLock({ $0 }) { pthread_detach(thread) }
    }

    /// Waits until the body has returned. Once only; later calls return at once. Never call it from the thread itself.
    package func join() {
        let thread: pthread_t? = state.withLock { state in
            guard case .running(let thread) = state else { return nil }
            state = .joined
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }
}

private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

private func trampoline(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let body = Unmanaged<Body>.fromOpaque(context!).takeRetainedValue()
    linux_set_thread_name(body.name)
    body.run()
    return nil
}
