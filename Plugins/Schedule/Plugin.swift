import Backoff
import PluginKit

/// A list of delays, one for each failed attempt.
struct Schedule: RetryPolicy {
    static let name = "Schedule"
    static let version = "1.0.0"
    static let summary = "Tries again after the delays of a list; the last one repeats."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "delaysSeconds": {
              "type": "array", "title": "Delays in seconds", "minItems": 1, "maxItems": 100,
              "items": {"type": "number", "minimum": 0, "maximum": 2592000},
              "default": [120, 300, 900, 3600, 21600]
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

    /// 2, 5 and 15 minutes, 1 and 6 hours.
    private static let defaultSeconds: [Double] = [120, 300, 900, 3600, 21_600]

    private let schedule: DelaySchedule
    private let jitter: Jitter
    private let retryAfter: RetryAfter

    init(settings: Settings, host: HostServices) throws {
        let seconds = try settings.numbers("delaysSeconds", default: Self.defaultSeconds)
        guard let schedule = DelaySchedule(seconds: seconds) else {
            throw PluginError.invalidSettings(
                "delaysSeconds must hold at least one delay.", at: settings.position(of: "delaysSeconds"))
        }
        self.schedule = schedule
        jitter = Jitter(share: try settings.number("jitter", default: 0))
        retryAfter = RetryAfter(capSeconds: try settings.number("retryAfterCapSeconds", default: 86_400))
    }

    func decide(_ failure: Failure, _ call: Call) -> RetryDecision {
        let delay = schedule.delay(afterAttempt: failure.attemptNumber)
        let spread = jitter.apply(to: delay, random: failure.random)
        return .again(afterMilliseconds: retryAfter.apply(to: spread, asked: failure.retryAfterMilliseconds))
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .retryPolicy(Schedule.self))
}
