import PluginAPI

/// A failed attempt in, what follows out; kind `hks.retry-policy/1`.
///
/// A policy is pure: the same failure gives the same decision. Chance comes in as `random`, time as `elapsed`; it keeps
/// no count of its own, because a crash of the host may repeat a call.
public protocol RetryPolicy: Component {
    mutating func decide(_ failure: Failure, _ call: Call) throws -> RetryDecision
}

/// What to do next.
public enum RetryDecision: Sendable, Equatable {
    /// From 0 to 30 days, in milliseconds.
    case again(afterMilliseconds: Int64)
    case giveUp
}

/// The failed attempt. Good until the call returns.
public struct Failure {
    /// Why it failed; classes added later than this kit read as `.other`.
    public enum Outcome: UInt32, Sendable {
        case other = 0
        case httpStatus = 1
        case timeout = 2
        case connect = 3
        case tls = 4
        case dns = 5
        case protocolError = 6
        case addressBlocked = 7
        case plugin = 8
        case gone = 9
    }

    let table: UnsafePointer<hks_failure>

    /// The number of the attempt that failed, from 1.
    public var attemptNumber: Int { Int(table.pointee.attempt_number) }
    /// The host gives up by itself after that many.
    public var attemptsMax: Int { Int(table.pointee.attempts_max) }
    public var outcome: Outcome { Outcome(rawValue: table.pointee.outcome) ?? .other }
    /// The status received, or nil.
    public var httpStatus: Int? { table.pointee.http_status == 0 ? nil : Int(table.pointee.http_status) }
    /// How long the destination asked to wait (Retry-After, RFC 9110, section 10.2.3), in milliseconds.
    public var retryAfterMilliseconds: Int64? {
        table.pointee.retry_after_ms < 0 ? nil : table.pointee.retry_after_ms
    }
    /// Since the event was accepted.
    public var elapsedMilliseconds: Int64 { table.pointee.elapsed_ms }
    /// Uniform over all 64 bits, new for each failure: the only source of jitter.
    public var random: UInt64 { table.pointee.random }
}
