import PluginAPI

/// The C functions of kind `hks.retry-policy/1`, the same for each policy in Swift.
enum RetryPolicyCalls {
    // Written once and read only; never freed.
    nonisolated(unsafe) static let table = UnsafePointer(
        forever(
            hks_retry_policy_calls(
                struct_size: size(of: hks_retry_policy_calls.self), reserved: 0,
                decide: { instance, call, failure, decision in
                    guard let instance, let call, let failure, let decision else { return Int32(HKS_INTERNAL) }
                    return decide(.from(instance), Call(table: call), Failure(table: failure), decision)
                })))

    private static func decide(
        _ holder: Holder<any RetryPolicy>, _ call: Call, _ failure: Failure,
        _ decision: UnsafeMutablePointer<hks_retry_decision>
    ) -> Int32 {
        holder.status {
            switch try holder.component.decide(failure, call) {
            case .again(let delay):
                decision.pointee.action = Int32(HKS_AGAIN)
                decision.pointee.delay_ms = delay
            case .giveUp:
                decision.pointee.action = Int32(HKS_GIVE_UP)
            }
            return HKS_OK
        }
    }
}
