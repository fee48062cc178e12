/// How long to stay away before the next try: doubling from 100 ms to 5 s, half of it left to chance so that nodes
/// do not come back in step. A connection that lasted a while starts the doubling anew; one that broke at once,
/// such as a broker that accepts and then refuses, does not.
struct ReconnectDelay {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)
    private var failures = 0

    /// lifetime: how long the connection stood; nil if there was none. chance: from 0 up to 1.
    mutating func next(afterConnectionOf lifetime: Duration?, chance: Double) -> Duration {
        if let lifetime, lifetime >= Self.longest { failures = 0 }
        let full = min(Self.longest, Self.first * (1 << min(failures, 10)))
        failures += 1
        return full / 2 + full / 2 * chance
    }
}
