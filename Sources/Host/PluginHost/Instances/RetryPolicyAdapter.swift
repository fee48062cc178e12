import Domain
import PluginAPI
import Ports

/// A retry policy in this process, as the chain sees it.
final class RetryPolicyAdapter: RetryPolicyInstance {
    private let instance: CreatedInstance
    private let calls: hks_retry_policy_calls

    /// instance: of a component of this kind.
    init(_ instance: CreatedInstance) {
        guard case .retryPolicy(let calls) = instance.component.offer.calls else {
            preconditionFailure("\(instance.component.title) is not a retry policy")
        }
        self.instance = instance
        self.calls = calls
    }

    var title: String { instance.component.title }

    func decide(_ failure: RetryFailure, _ context: PluginCallContext) throws(PluginFault) -> RetryDecision {
        var failure = hks_failure(failure)
        var decision = hks_retry_decision()
        decision.struct_size = UInt32(MemoryLayout<hks_retry_decision>.size)
        return try instance.call(context) { instance, call in
            calls.decide(instance, call, &failure, &decision)
        } judge: { status throws(PluginFault) in
            guard status == Status.ok else { throw self.instance.fault(forStatus: status) }
            return (try read(decision, context), .ok)
        }
    }

    private func read(
        _ decision: hks_retry_decision, _ context: PluginCallContext
    ) throws(PluginFault) -> RetryDecision {
        switch Int(decision.action) {
        case HKS_GIVE_UP: return .giveUp
        case HKS_AGAIN:
            guard (0...Interface.retryDelayMillisecondsMax).contains(decision.delay_ms) else {
                let range = "0 to \(Interface.retryDelayMillisecondsMax)"
                throw instance.broken("asked for a delay of \(decision.delay_ms) ms; \(range) are allowed", context)
            }
            return .again(after: .milliseconds(decision.delay_ms))
        default:
            throw instance.broken("decided on action \(decision.action), which the interface does not have", context)
        }
    }
}

extension hks_failure {
    init(_ failure: RetryFailure) {
        self.init()
        struct_size = UInt32(MemoryLayout<hks_failure>.size)
        attempt_number = UInt32(clamping: failure.attemptNumber)
        attempts_max = UInt32(clamping: failure.attemptsMax)
        outcome = UInt32(failure.outcome.pluginOutcome)
        http_status = UInt32(clamping: failure.httpStatus)
        retry_after_ms = failure.retryAfter.map(\.inMilliseconds) ?? -1
        elapsed_ms = failure.elapsed.inMilliseconds
        random = failure.random
    }
}

extension OutcomeClass {
    /// The number of retry_policy.h. What ends an event without a decision, and what has no number there, is OTHER.
    fileprivate var pluginOutcome: Int {
        switch self {
        case .httpStatus: HKS_OUTCOME_HTTP_STATUS
        case .gone: HKS_OUTCOME_GONE
        case .timeout: HKS_OUTCOME_TIMEOUT
        case .connect: HKS_OUTCOME_CONNECT
        case .tls: HKS_OUTCOME_TLS
        case .dns: HKS_OUTCOME_DNS
        case .protocol: HKS_OUTCOME_PROTOCOL
        case .addressBlocked: HKS_OUTCOME_ADDRESS_BLOCKED
        case .plugin: HKS_OUTCOME_PLUGIN
        case .succeeded, .authenticationRefused, .internal: HKS_OUTCOME_OTHER
        }
    }
}
