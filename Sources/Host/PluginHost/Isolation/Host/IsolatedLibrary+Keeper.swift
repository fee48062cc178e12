import CSandbox
import Glibc

// What the keeper's thread does: start, watch, take down the end, wait, start again.
extension IsolatedLibrary {
    /// Processor time that a child may use in a second in which nobody calls it.
    private static let idleWorkMax: Int64 = 500_000_000

    func keep() {
        while state.withLock({ $0.isWanted }) {
            let end: ProcessEnd
            do throws(Refused) {
                end = try runOnce()
            } catch {
                end = ProcessEnd(cause: .notStarted(error.sentence))
            }
            guard pause(after: end) else { break }
        }
        meters.isRunning(false)
        state.change {
            $0.phase = .stopped
            if $0.report == nil { $0.report = .refused(Refused("was stopped before it was loaded")) }
        }
    }

    /// One child, from its start to its end.
    private func runOnce() throws(Refused) -> ProcessEnd {
        guard let image = file.image else { throw Refused("has no entry function") }
        let generation = state.withLock {
            $0.starts += 1
            $0.callers = []
            return $0.starts
        }
        let child = try ChildProcess(
            executable: launch.executable, arguments: launch.arguments, image: image,
            orders: ChildOrders(library: file.path, limits: launch.limits), shape: shape, generation: generation)
        state.change {
            $0.phase = .starting(child)
            // Somebody may have stopped it before there was anything to kill.
            if !$0.isWanted { child.kill(.stopped) }
        }
        if becameReady(child), take(report(of: child), from: child) { watch(child) }
        while !child.hasEnded(within: 1_000) {}
        // Before its callers are woken, so that none of them comes back to it.
        state.change { $0.phase = .starting(nil) }
        return blame(child.reap())
    }

    /// With the plugins whose calls ended it, as far as anyone can tell.
    private func blame(_ end: ProcessEnd) -> ProcessEnd {
        var end = end
        let blamed = state.withLock { state in
            state.callers.enumerated().compactMap { slot, plugin in end.isDue(to: slot) ? plugin : nil }
        }
        end.plugins = Set(blamed).sorted()
        return end
    }

    private func becameReady(_ child: ChildProcess) -> Bool {
        let deadline = monotonicNanoseconds() + launch.limits.pluginStart.inNanoseconds
        while sandbox_load(child.area.isReady) == 0 {
            if child.hasEnded(within: 0) { return false }
            guard monotonicNanoseconds() < deadline else {
                child.kill(.slowStart)
                return false
            }
            sandbox_futex_wait(child.area.isReady, 0, 10_000_000)
        }
        return true
    }

    private func report(of child: ChildProcess) -> LibraryReport {
        guard let bytes = child.area.slot(0).copiedAnswer(),
            let report = try? WireReader.read(bytes, LibraryReport.init(from:))
        else { return .refused(Refused("was described in a way that makes no sense")) }
        return report
    }

    /// True if the child is good for calls.
    private func take(_ report: LibraryReport, from child: ChildProcess) -> Bool {
        let isGood = state.change { state -> Bool in
            if state.report == nil { state.report = report }
            guard case .plugin = report, state.report == report, state.isWanted else { return false }
            state.pace.started()
            state.free = (0..<shape.slots).reversed().map { HostSlot(index: $0, of: child.area) }
            state.callers = Array(repeating: nil, count: shape.slots)
            state.phase = .running(child)
            return true
        }
        meters.isRunning(isGood)
        guard isGood else {
            child.kill(.nonsense)
            return false
        }
        log.debug("plugin process started", ["library": file.path, "process": "\(child.process)"])
        return true
    }

    /// Until it ends; one that works without being asked to is ended.
    private func watch(_ child: ChildProcess) {
        var (before, wasIdle) = (child.processorTime, false)
        while !child.hasEnded(within: 1_000) {
            let now = child.processorTime
            let isIdle = state.withLock { $0.free.count == shape.slots }
            if isIdle && wasIdle && now - before > Self.idleWorkMax { child.kill(.idleWork) }
            (before, wasIdle) = (now, isIdle)
        }
    }

    /// Waits until it may start again. False: it is not wanted any more.
    private func pause(after end: ProcessEnd) -> Bool {
        meters.isRunning(false)
        meters.ended(end)
        let now = monotonicNanoseconds()
        let pause = state.change { state -> RestartPace.Pause? in
            // A library that ends its process when it is loaded has no place here at all.
            if state.report == nil { state.report = .refused(Refused("\(end.words) while it was loaded")) }
            guard case .plugin = state.report, state.isWanted else { return nil }
            let pause = state.pace.ended(at: now)
            state.phase = .pausing(pause, after: end)
            state.lastEnd = end
            return pause
        }
        guard let pause else { return false }
        report(end, pause, in: pause.until - now)
        let isWanted = state.wait(until: pause.until) { $0.isWanted ? nil : false } ?? true
        meters.isQuarantined(false)
        state.change { if $0.isWanted { $0.phase = .starting(nil) } }
        return isWanted
    }

    private func report(_ end: ProcessEnd, _ pause: RestartPace.Pause, in nanoseconds: Int64) {
        let fields: KeyValuePairs = [
            "library": file.path, "plugins": end.plugins.joined(separator: " "), "starts_in": inWords(nanoseconds),
        ]
        switch pause {
        case .rest: log.warning("plugin \(end.words)", fields)
        case .quarantine:
            meters.isQuarantined(true)
            log.error("plugin \(end.words) again and is in quarantine", fields)
            tellOfQuarantine(.began(reason: sentence(end), lasts: .nanoseconds(nanoseconds)))
        }
    }
}
