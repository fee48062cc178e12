import Backoff
import PluginKit

/// Delays that grow by a factor from attempt to attempt, up to a cap.
struct Exponential: RetryPolicy {
    static let name = "Exponential"
    static let version = "1.0.0"
    static let summary = "Tries again after delays that grow by a factor, up to a cap."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "baseSeconds": {
              "type": "number", "title": "First delay in seconds", "minimum": 0, "maximum": 2592000, "default": 60
            },
            "factor": {"type": "number", "title": "Factor", "minimum": 1, "maximum": 1000, "default": 2},
            "capSeconds": {
              "type": "number", "title": "Longest delay in seconds", "minimum": 0, "maximum": 2592000,
              "default": 21600
            },
            "jitter": {
              "type": "number", "title": "Jitter", "minimum": 0, "maximum": 1, "default": 0,
              "description": "The share of each delay that is left to chance."
            },
            "retryAfterCapSeconds": {
              "type": "number", "title": "Longest Retry-After in seconds", "minimum": 0, "maximum": 2592000,
              "default": 86400
            }
          }
        }
        """

    private let delay: ExponentialDelay
    private let jitter: Jitter
    private let retryAfter: RetryAfter

    init(settings: Settings, host: HostServices) throws {
        delay = ExponentialDelay(
            baseSeconds: try settings.number("baseSeconds", default: 60),
            factor: try settings.number("factor", default: 2),
            capSeconds: try settings.number("capSeconds", default: 21_600))
        jitter = Jitter(share: try settings.number("jitter", default: 0))
        retryAfter = RetryAfter(capSeconds: try settings.number("retryAfterCapSeconds", default: 86_400))
    }

    func decide(_ failure: Failure, _ call: Call) -> RetryDecision {
        let grown = delay.delay(afterAttempt: failure.attemptNumber)
        let spread = jitter.apply(to: grown, random: failure.random)
        return .again(afterMilliseconds: retryAfter.apply(to: spread, asked: failure.retryAfterMilliseconds))
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .retryPolicy(Exponential.self))
}
