/// Whether outcomes reach the store. A value; moments come from outside.
///
/// A worker that cannot write outcomes down would go on delivering what others deliver again once its leases have run
/// out. So it starts nothing new while the store has been silent for a while: what can arrive twice is then what was
/// sent within that while, and not all that a lease allows.
struct SettleLag {
    private var unsettled = 0
    private var progressAt: ContinuousClock.Instant

    init(at now: ContinuousClock.Instant) { progressAt = now }

    mutating func posted(_ count: Int, at now: ContinuousClock.Instant) {
        if unsettled == 0 { progressAt = now }
        unsettled += count
    }

    mutating func settled(_ count: Int, at now: ContinuousClock.Instant) {
        unsettled = max(0, unsettled - count)
        progressAt = now
    }

    func isStalled(at now: ContinuousClock.Instant, patience: Duration) -> Bool {
        unsettled > 0 && now - progressAt > patience
    }
}
