import CSandbox
import Glibc
import Telemetry
import Threading

/// The child's side: `hooksentry plugin-host`, started by an `IsolatedLibrary` of the host and by nobody else.
///
///     map the shared memory ─► confine ─► a thread for each slot ─► load the library ─► confine more ─► report, serve
///
/// It ends with the host, or when the host or the kernel ends it.
package enum PluginChild {
    /// Where the host puts the shared memory.
    static let areaDescriptor: Int32 = 3
    /// And the library's sealed copy.
    static let imageDescriptor: Int32 = 4
    /// Of the threads that run plugins.
    private static let stackBytes = 1 << 20

    /// arguments: the library's path, for whoever lists processes, and the shape of the shared memory.
    package static func run(_ arguments: [String]) -> Never {
        guard let shape = shape(arguments), let area = try? SharedArea(mapping: areaDescriptor, shape),
            let orders = try? WireReader.read(area.orders, ChildOrders.init(from:))
        else { exit(2) }
        close(areaDescriptor)
        // The host may have ended before the signal of its end was asked for.
        guard sandbox_die_with_parent() == 0, getppid() == orders.host else { exit(2) }
        Log.configure(level: .error)
        let desk = ChildDesk(orders: orders, isStopping: area.isStopping)
        do {
            try Confinement.begin(orders)
            sandbox_watch_crashes()
            atexit { sandbox_testify_exit() }
            for index in 1..<max(1, shape.slots) { serve(index, area, desk) }
            // The first slot is the main thread's, which loads the library and reports through it.
            let first = SlotServer(area.slot(0), desk)
            let report = desk.load()
            try Confinement.complete()
            first.write(report)
            announce(area)
            first.run()
        } catch {
            SlotServer(area.slot(0), desk).write(.refused(error))
            announce(area)
            while true { pause() }
        }
    }

    private static func shape(_ arguments: [String]) -> SharedArea.Shape? {
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 4, numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else { return nil }
        return SharedArea.Shape(slots: numbers[0], requestBytes: numbers[1], answerBytes: numbers[2])
    }

    private static func serve(_ index: Int, _ area: SharedArea, _ desk: ChildDesk) {
        _ = WorkerThread("slot-\(index)", stackBytes: stackBytes) { SlotServer(area.slot(index), desk).run() }
    }

    private static func announce(_ area: SharedArea) {
        sandbox_store(area.isReady, 1)
        sandbox_futex_wake_all(area.isReady)
    }
}
