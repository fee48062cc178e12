import Backoff
import PluginKit

/// The same delay after each failed attempt.
struct Fixed: RetryPolicy {
    static let name = "Fixed"
    static let version = "1.0.0"
    static let summary = "Tries again after the same delay each time."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["delaySeconds"],
          "properties": {
            "delaySeconds": {"type": "number", "title": "Delay in seconds", "minimum": 0, "maximum": 2592000},
            "jitter": {
              "type": "number", "title": "Jitter", "minimum": 0, "maximum": 1, "default": 0,
              "description": "The share of the delay that is left to chance."
            },
            "retryAfterCapSeconds": {
              "type": "number", "title": "Longest Retry-After in seconds", "minimum": 0, "maximum": 2592000,
              "default": 86400
            }
          }
        }
        """

    private let delay: Int64
    private let jitter: Jitter
    private let retryAfter: RetryAfter

    init(settings: Settings, host: HostServices) throws {
        delay = Milliseconds.delay(seconds: try settings.number("delaySeconds"))
        jitter = Jitter(share: try settings.number("jitter", default: 0))
        retryAfter = RetryAfter(capSeconds: try settings.number("retryAfterCapSeconds", default: 86_400))
    }

    func decide(_ failure: Failure, _ call: Call) -> RetryDecision {
        let spread = jitter.apply(to: delay, random: failure.random)
        return .again(afterMilliseconds: retryAfter.apply(to: spread, asked: failure.retryAfterMilliseconds))
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .retryPolicy(Fixed.self))
}
