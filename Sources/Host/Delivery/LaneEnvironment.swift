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
    let conclude: @Sendable ([Conclusion]) -> Void

    /// The delay when a retry policy cannot be had or fails.
    static let delayWithoutPolicy = Duration.seconds(300)
    /// Destinations whose instances a lane keeps.
    static let chainsMax = 10_000
    /// A call that has not come back after this long gets the lane a new thread.
    static let stuckAfter = Duration.seconds(5)
    /// Where monotonic times in atomics count from.
    static let epoch = ContinuousClock.Instant.now

    /// Hands the courier's results to a lane.
    func completion(of lane: ChainLane) -> @Sendable ([CourierResult]) -> Void {
        { [mailbox = lane.mailbox] results in
            mailbox.post(contentsOf: results.lazy.map { .answered($0) })
        }
    }
}
