import Domain
import Ports

/// A destination's settings, shared by all who hold them.
final class SettingsSnapshot: Sendable {
    let settings: DestinationSettings
    let readAt = ContinuousClock.Instant.now
    init(_ settings: DestinationSettings) { self.settings = settings }
}

/// One try to deliver one event, while a lane works on it. Belongs to its lane's thread.
final class Attempt {
    let event: HeldEvent
    let settings: SettingsSnapshot
    let startedAt: Timestamp
    let startedInstant: ContinuousClock.Instant
    let chain: AttemptChain
    /// What will be sent: the payload, transformed. Empty once it is on its way and will not be wanted again.
    var body: [UInt8]
    /// Taken of `TransformedBytes`.
    var transformedBytes = 0
    /// What the body is, as its `Content-Type` says.
    var contentType: String
    /// Time spent in each component of the chain, in its order; nil for one that has not run.
    private(set) var stepDurations: [Duration?]
    /// As sent, secrets redacted, for the attempt's record.
    var requestHeaders = ""
    /// The authenticator has had its fetch since it was last asked afresh.
    var hasFetched = false
    /// How the destination refused the credential, once the authenticator has been asked for another. It is asked once.
    var refusal: Verdict?
    /// `AttemptChain.credentials` when the attempt was given its credential.
    var credentials = 0

    init(event: HeldEvent, settings: SettingsSnapshot, chain: AttemptChain, startedAt: Timestamp) {
        self.event = event
        self.settings = settings
        self.chain = chain
        self.startedAt = startedAt
        startedInstant = .now
        body = event.item.payload
        contentType = event.item.contentType
        stepDurations = Array(repeating: nil, count: chain.titles.count)
    }

    /// Calls into a component of the chain and adds the time it takes to the component's, also if it fails. If the call
    /// ends with anything but its result or its fault, the attempt is another thread's by now and stays untouched.
    func timing<Result>(step: Int, _ call: () throws -> Result) throws -> Result {
        let began = ContinuousClock.Instant.now
        func add() { stepDurations[step] = (stepDurations[step] ?? .zero) + (.now - began) }
        do {
            let result = try call()
            add()
            return result
        } catch let fault as PluginFault {
            add()
            throw fault
        }
    }

    var steps: [PluginStep] { zip(chain.titles, stepDurations).map { PluginStep($0, duration: $1) } }

    var number: Int { event.item.attemptsFinished + 1 }

    var context: PluginCallContext {
        PluginCallContext(
            tenantID: event.item.tenantID, destinationID: event.item.destinationID, eventID: event.item.eventID,
            attemptNumber: number)
    }
}

/// What a lane tells the dispatcher about a finished attempt.
struct Conclusion: Sendable {
    var event: HeldEvent
    /// Nil: nothing was tried, because a plugin was not there. The event is parked.
    var record: AttemptRecord?
    var disposition: Settlement.Disposition
    /// False: nothing was sent; the breaker does not move.
    var reachedDestination: Bool
}
