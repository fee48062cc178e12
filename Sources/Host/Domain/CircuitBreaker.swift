/// A gate in front of one destination: closed (all may pass), open (none), half-open (one probe).
///
///     closed ── threshold consecutive failures ──► open ── open time over ──► half-open
///        ▲                                          ▲                            │ one probe
///        └────────────── probe succeeds ────────────│──────────────◄─────────────┤
///                                                   └──────── probe fails ◄──────┘
///
/// Waiting costs no attempts. A value without clock or lock: the owner passes the time in and carries out what
/// it answers.
package struct CircuitBreaker: Sendable, Equatable {
    package enum State: Int16, Sendable, CaseIterable {
        case closed = 0
        case open = 1
        case halfOpen = 2

        /// The contract's word for it.
        package var name: String {
            switch self {
            case .closed: "Closed"
            case .open: "Open"
            case .halfOpen: "HalfOpen"
            }
        }
    }

    package private(set) var state: State = .closed
    package private(set) var consecutiveFailures = 0
    /// While open: when the next probe may go out.
    package private(set) var nextProbeAt: Timestamp?
    /// The probe is in the air; meaningful only in half-open and never persisted.
    private var probing = false

    package init() {}

    /// From what was persisted. A breaker that was half-open when its owner died has lost its probe: it may send
    /// another.
    package init(state: State, consecutiveFailures: Int, nextProbeAt: Timestamp?) {
        self.state = state
        self.consecutiveFailures = consecutiveFailures
        self.nextProbeAt = nextProbeAt
    }

    package enum Permission: Sendable, Equatable {
        case pass
        /// Pass, and the result decides; no other may pass until then.
        case probe
        /// Not before then; nil: not before the probe in the air has come back.
        case wait(until: Timestamp?)
    }

    /// Asks for one attempt to pass. `.probe` hands out the only probe.
    package mutating func ask(at now: Timestamp) -> Permission {
        switch state {
        case .closed:
            return .pass
        case .open:
            guard let nextProbeAt, nextProbeAt > now else {
                state = .halfOpen
                probing = true
                return .probe
            }
            return .wait(until: nextProbeAt)
        case .halfOpen:
            guard !probing else { return .wait(until: nil) }
            probing = true
            return .probe
        }
    }

    package enum Change: Sendable, Equatable {
        case none
        case opened(until: Timestamp)
        case closed
    }

    package mutating func succeeded() -> Change {
        let was = state
        self = CircuitBreaker()
        return was == .closed ? .none : .closed
    }

    /// Late failures of attempts that had passed while it was closed do not prolong an open breaker.
    package mutating func failed(at now: Timestamp, threshold: Int, openTime: Duration) -> Change {
        consecutiveFailures += 1
        switch state {
        case .open:
            return .none
        case .closed where consecutiveFailures < threshold:
            return .none
        case .closed, .halfOpen:
            state = .open
            probing = false
            nextProbeAt = now + openTime
            return .opened(until: now + openTime)
        }
    }

    /// The probe was never sent (its event had been cancelled, say); the next one who asks gets it.
    package mutating func probeReturned() { probing = false }
}
