import Domain

/// How fast a destination works off what waits for it. A value; times come from outside.
///
/// A destination that is merely busy finishes attempts all the time, and its events may as well wait in the broker. One
/// that hangs finishes none, and would keep its neighbours waiting behind it. What waits only because this worker is
/// busy says nothing about its destination.
struct DeliveryPace {
    /// A backlog younger than this says nothing: a burst has just begun.
    static let patience = Duration.milliseconds(250)
    /// Longer than this to work off what waits is slow.
    static let drainTimeMax = Duration.seconds(2)
    /// Attempts of which none finishes for this long hang.
    static let silenceMax = Duration.milliseconds(500)

    private var backlogSince: Timestamp?
    /// When an attempt last finished, or the first began since none was in flight.
    private var movedAt = Timestamp(microseconds: 0)
    /// How long attempts take, on an average in which the latest weigh most.
    private var usualDuration = Duration.zero

    mutating func backlogBegan(at now: Timestamp) {
        if backlogSince == nil { backlogSince = now }
    }

    mutating func backlogEnded() { backlogSince = nil }

    /// An attempt began while none was in flight.
    mutating func firstBegan(at now: Timestamp) { movedAt = now }

    mutating func finishedOne(at now: Timestamp, took duration: Duration) {
        movedAt = now
        usualDuration = usualDuration == .zero ? duration : (usualDuration * 7 + duration) / 8
    }

    /// inFlight: attempts, of the `concurrency` that there may be.
    func isSlow(at now: Timestamp, waiting: Int, inFlight: Int, concurrency: Int) -> Bool {
        guard inFlight > 0, let backlogSince, now - backlogSince > Self.patience else { return false }
        if now - movedAt >= Self.silenceMax { return true }
        // Below its limit it waits for this worker.
        guard inFlight >= concurrency else { return false }
        return usualDuration * waiting / concurrency > Self.drainTimeMax
    }
}
