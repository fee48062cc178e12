// A retry policy in Swift to start from: it waits longer after each attempt, ten seconds, twenty, thirty and so on, and
// gives up at once when the destination says it is gone.
//
// 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.

import PluginKit

// 2. What one configured component keeps. The protocol's comments say what each call may do.
struct Ladder: RetryPolicy {
    // 3. Name it. Tenants write the name in a destination's settings; it must be unique within its kind.
    static let name = "TemplateSwift"
    static let version = "1.0.0"
    static let summary = "Waits ten seconds longer after each attempt."

    // 4. Describe the settings. What breaks this schema never reaches init. Mark secrets with "writeOnly": true.
    static let settingsSchema = #"{"type": "object", "additionalProperties": false}"#

    private static let stepMilliseconds: Int64 = 10_000
    private static let delayMillisecondsMax: Int64 = 86_400_000

    // 5. Read the settings and do all costly preparation. Throw PluginError.invalidSettings for what a schema cannot
    //    say.
    init(settings: Settings, host: HostServices) throws {}

    // 6. Do the work: the same failure gives the same decision. Chance comes in as failure.random.
    func decide(_ failure: Failure, _ call: Call) -> RetryDecision {
        if failure.outcome == .gone { return .giveUp }
        let wanted = max(Self.stepMilliseconds * Int64(failure.attemptNumber), failure.retryAfterMilliseconds ?? 0)
        return .again(afterMilliseconds: min(wanted, Self.delayMillisecondsMax))
    }
}

// 7. Export the component, or several.
@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .retryPolicy(Ladder.self))
}
