import Domain

/// Takes events that the platform posts itself, on the way of all others. Sendable; blocks until the commit.
package protocol EventIntake: Sendable {
    /// payload: a JSON object. The event is marked as a test, in its row and on its way to the destination.
    func accept(test payload: [UInt8], for target: IngestTarget) -> TestEventAnswer
}

package enum TestEventAnswer: Sendable, Equatable {
    /// acceptedAt: as the API writes times.
    case accepted(EventID, acceptedAt: String)
    /// The store is away, or too much waits.
    case unavailable
}
