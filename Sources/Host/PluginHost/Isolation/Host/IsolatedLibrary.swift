import CSandbox
import Domain
import Glibc
import Ports
import Telemetry
import Threading

/// One library whose code runs in a process of its own, which this starts, watches, and starts again.
///
///     starting ──► running ── ends ──► pausing (rest or quarantine) ──► starting …      stopped: for good
///
/// One thread, `plugin-keeper`, does the starting and watching; it lives as long as the library is wanted, because the
/// child ends with it. Calls come from any thread: each leases a slot, and waits in it for its answer.
final class IsolatedLibrary: Sendable {
    /// Keeps the library running: whoever has a component of it or an instance has a part in this, and when the last
    /// lets go, the process ends.
    final class Tenure: Sendable {
        let library: IsolatedLibrary
        init(_ library: IsolatedLibrary) { self.library = library }
        deinit { library.stop() }
    }

    /// Where a component's instances live.
    struct Place: Sendable {
        let tenure: Tenure
        /// Of the component in the library's report.
        let index: Int
        var library: IsolatedLibrary { tenure.library }
    }

    /// How children are started.
    struct Launch: Sendable {
        var executable: String
        /// Before the library's path.
        var arguments: [String]
        var limits: Limits
    }

    enum Phase {
        case starting(ChildProcess?)
        case running(ChildProcess)
        case pausing(RestartPace.Pause, after: ProcessEnd)
        case stopped
    }

    struct State {
        var phase = Phase.starting(nil)
        var pace: RestartPace
        var free: [HostSlot] = []
        /// By slot: the plugin whose call has it; nil: none. Empty before a child takes calls.
        var callers: [String?] = []
        /// What the first child found; every later one must find the same.
        var report: LibraryReport?
        var isWanted = true
        var starts: UInt64 = 0
        /// How the child before ended.
        var lastEnd: ProcessEnd?
        var instances: UInt64 = 0
    }

    let file: LibraryFile
    let launch: Launch
    let shape: SharedArea.Shape
    let state: Monitor<State>
    let meters: IsolationMeters
    let log: Log
    let quarantineWatch: QuarantineWatch
    private let keeper = Monitor<WorkerThread?>(nil)

    init(
        _ file: LibraryFile, _ launch: Launch, metrics: Metrics, log: Log, quarantineWatch: @escaping QuarantineWatch
    ) {
        let limits = launch.limits
        self.file = file
        self.launch = launch
        self.log = log
        self.quarantineWatch = quarantineWatch
        // Beside a payload there are settings, headers, or what the storage holds.
        let payload = max(limits.ingestBodyBytes, limits.transformedBytes, limits.responseBodyBytes)
        shape = SharedArea.Shape(
            slots: limits.pluginCallsInFlight, requestBytes: Self.pages(payload + limits.pluginSettingsBytes + 1 << 20),
            answerBytes: Self.pages(limits.transformedBytes + 2 << 20))
        state = Monitor(
            State(
                pace: RestartPace(
                    RestartPace.Rules(
                        rest: limits.pluginRestart.inNanoseconds, endsMax: limits.pluginCrashes,
                        quarantine: limits.pluginQuarantine.inNanoseconds))))
        meters = IsolationMeters(library: file.name, metrics: metrics)
    }

    /// Starts the first child and waits for what it finds. [load-thread]
    func open() -> LibraryReport {
        keeper.change { $0 = WorkerThread("plugin-keeper") { [self] in keep() } }
        let report = state.wait(until: nil) { $0.report }
        guard let report, case .plugin = report else {
            stop()
            return report ?? .refused(Refused("was not described"))
        }
        return report
    }

    /// Ends the child, for good. Calls under way fail.
    func stop() {
        state.change {
            $0.isWanted = false
            switch $0.phase {
            case .starting(let child): child?.kill(.stopped)
            case .running(let child): child.kill(.stopped)
            case .pausing, .stopped: break
            }
        }
        keeper.withLock { $0 }?.join()
    }

    /// Tells the calls under way that nobody waits for them any more.
    func beginShutdown() {
        state.withLock {
            if case .running(let child) = $0.phase { sandbox_store(child.area.isStopping, 1) }
        }
    }

    /// A number for an instance, never given twice.
    func nextInstance() -> UInt64 {
        state.withLock {
            $0.instances += 1
            return $0.instances
        }
    }

    private static func pages(_ bytes: Int) -> Int { (bytes + 4_095) & ~4_095 }
}

extension LibraryFile {
    /// `libMapping.so`
    var name: String { String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]) }
}
