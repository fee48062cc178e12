import Ports

// How calls find a slot, and what they hear when there is none.
extension IsolatedLibrary {
    /// A child and one of its slots, for one caller.
    struct Lease {
        let child: ChildProcess
        let slot: HostSlot
    }

    /// Why there is no lease. Nothing was asked of the plugin.
    struct Unavailable: Error {
        /// Follows the component's name.
        var words: String
        /// Nanoseconds.
        var retryAfter: Int64
    }

    private static let retrySoon: Int64 = 100_000_000

    /// plugin: whose call it is. deadline: of the monotonic clock, for the wait until another call gives its slot back.
    /// waitsForStart: until then as well if the child is starting; a delivery has better to do, and its event can wait.
    func lease(for plugin: String, until deadline: Int64, waitsForStart: Bool) throws(Unavailable) -> Lease {
        let found = state.wait(until: deadline) { state -> Result<Lease, Unavailable>? in
            switch state.phase {
            case .running(let child):
                if let slot = state.free.popLast() {
                    state.callers[slot.index] = plugin
                    return .success(Lease(child: child, slot: slot))
                }
                guard monotonicNanoseconds() >= deadline else { return nil }
                return .failure(
                    Unavailable(words: "has all \(self.shape.slots) calls in flight", retryAfter: Self.retrySoon))
            case .starting:
                guard !waitsForStart || monotonicNanoseconds() >= deadline else { return nil }
                return .failure(Unavailable(words: "is being started", retryAfter: Self.retrySoon))
            case .pausing(let pause, let end): return .failure(Self.unavailable(pause, end))
            case .stopped: return .failure(Unavailable(words: "is stopped", retryAfter: 1_000_000_000))
            }
        }
        switch found {
        case .success(let lease): return lease
        case .failure(let unavailable): throw unavailable
        case nil: throw Unavailable(words: "is not there in time", retryAfter: Self.retrySoon)
        }
    }

    /// Whether this child is there for calls just now.
    func isServing(_ generation: UInt64) -> Bool {
        state.withLock { state in
            if case .running(let child) = state.phase { child.generation == generation } else { false }
        }
    }

    /// wasAnswered: the call came back, with whatever result.
    func giveBack(_ lease: Lease, wasAnswered: Bool) {
        let isWell = state.change { state -> Bool in
            guard case .running(let child) = state.phase, child === lease.child else { return false }
            state.callers[lease.slot.index] = nil
            state.free.append(lease.slot)
            return wasAnswered && state.pace.answered()
        }
        guard isWell else { return }
        log.info("plugin is out of quarantine", ["library": file.path])
        tellOfQuarantine(.ended)
    }

    /// Ends a child on account of a call; nobody else gets a slot of it.
    func condemn(_ lease: Lease, _ cause: ProcessEnd.Cause) {
        state.change { state in
            if case .running(let child) = state.phase, child === lease.child { state.phase = .starting(nil) }
        }
        lease.child.kill(cause, slot: lease.slot.index)
    }

    /// The child ended during the call of somebody else.
    func unavailable(after end: ProcessEnd) -> Unavailable {
        state.withLock { state in
            if case .pausing(let pause, _) = state.phase { return Self.unavailable(pause, end) }
            return Unavailable(words: "\(end.words) in another call", retryAfter: Self.retrySoon)
        }
    }

    private static func unavailable(_ pause: RestartPace.Pause, _ end: ProcessEnd) -> Unavailable {
        let left = max(retrySoon, pause.until - monotonicNanoseconds())
        switch pause {
        case .rest:
            return Unavailable(words: "\(end.words) and starts again in \(inWords(left))", retryAfter: left)
        case .quarantine:
            return Unavailable(
                words: "is in quarantine for another \(inWords(left)), because it \(end.words) again and again",
                retryAfter: left)
        }
    }
}
