import Glibc

/// base, base*factor, base*factor^2, ... up to a cap.
public struct ExponentialDelay: Sendable, Equatable {
    public let baseSeconds: Double
    /// 1 or more.
    public let factor: Double
    public let capSeconds: Double

    public init(baseSeconds: Double, factor: Double, capSeconds: Double) {
        self.baseSeconds = baseSeconds
        self.factor = max(factor, 1)
        self.capSeconds = capSeconds
    }

    /// attempt: the number of the one that failed, from 1. Milliseconds.
    public func delay(afterAttempt attempt: Int) -> Int64 {
        // Without this, 0 times an infinite power would be no number at all.
        guard baseSeconds > 0 else { return 0 }
        let seconds = baseSeconds * pow(factor, Double(max(attempt, 1) - 1))
        return Milliseconds.delay(seconds: min(seconds, capSeconds))
    }
}
