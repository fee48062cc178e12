import Domain

/// How fast a destination works off what waits for it. A value; times come from outside.
///
/// A destination that is merely busy finishes attempts all the time, and its events may as well wait in the broker. One
/// that hangs finishes none, and would keep its neighbours waiting behind it.
struct DeliveryPace {
    /// A backlog younger than this says nothing: a burst has just begun.
    static let patience = Duration.milliseconds(250)
    /// Longer than this to work off what waits is slow.
    static let drainTimeMax = Duration.seconds(2)
    private static let window = Duration.milliseconds(250)

    private var backlogSince: Timestamp?
    private var windowStart = Timestamp(microseconds: 0)
    private var finished = 0
    private var finishedBefore = 0

    mutating func backlogBegan(at now: Timestamp) {
        if backlogSince == nil { backlogSince = now }
    }

    mutating func backlogEnded() { backlogSince = nil }

    mutating func finishedOne(at now: Timestamp) {
        let age = now - windowStart
        if age >= Self.window {
            finishedBefore = age < Self.window * 2 ? finished : 0
            finished = 0
            windowStart = now
        }
        finished += 1
    }

    func isSlow(at now: Timestamp, waiting: Int) -> Bool {
        guard let backlogSince, now - backlogSince > Self.patience else { return false }
        let age = now - windowStart
        // Nothing for two windows: it finishes none.
        guard age < Self.window * 2 else { return true }
        let span = Self.window + age
        let drainSeconds = Double(waiting) * span.inSeconds / Double(max(1, finished + finishedBefore))
        return drainSeconds > Self.drainTimeMax.inSeconds
    }
}
