import Crypto
import Domain
import Ports

/// What every lane works with.
struct LaneEnvironment: Sendable {
    let catalog: any PluginCatalog
    let vault: Vault
    let courier: any Courier
    let clock: DatabaseClock
    let limits: Limits
    let transformedBytes: TransformedBytes
    let conclude: @Sendable ([Conclusion]) -> Void

    /// What follows a failure when a retry policy cannot be had or fails.
    static let decisionWithoutPolicy = RetryDecision.again(after: .seconds(300))
    /// When a plugin that is not there is asked again, if nobody can say.
    static let retryWithoutHint = Duration.seconds(1)
    /// When a body that found no memory is made again.
    static let retryWithoutMemory = Duration.seconds(1)
    /// How long a destination's plugins stay out of service after one did not return.
    static let outOfServiceTime = Duration.seconds(60)
    /// Destinations whose instances a lane keeps.
    static let chainsMax = 10_000
    /// Chains that are destroyed between two messages.
    static let droppedAtOnce = 64
    /// A call that has not come back after this long gets the lane a new thread: well over what any call may take. One
    /// into a process of its own may have the instance made anew there first, and is told of the end of its time before
    /// it is given up, half a second later at the soonest.
    var stuckAfter: Duration {
        limits.pluginCreate + max(limits.pluginCall, .milliseconds(500)) * 2 + .seconds(1)
    }
    /// Where monotonic times in atomics count from.
    static let epoch = ContinuousClock.Instant.now

    /// Hands the courier's results to a lane.
    func completion(of lane: ChainLane) -> @Sendable ([CourierResult]) -> Void {
        { [mailbox = lane.mailbox] results in
            mailbox.post(contentsOf: results.lazy.map { .answered($0) })
        }
    }
}
