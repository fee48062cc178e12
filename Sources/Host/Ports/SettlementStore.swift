import Domain

/// What becomes of an event that a worker lets go of.
package struct Settlement: Sendable {
    package enum Disposition: Sendable, Equatable {
        case succeeded(at: Timestamp)
        case waitingRetry(dueAt: Timestamp)
        case criticalFailure
        case authenticationFailed
        /// Not attempted; waits in the store. nil: due at once, by the database's clock; `.never`: as soon as its
        /// destination delivers again. No attempt is counted.
        case parked(dueAt: Timestamp?)
    }

    package var eventID: EventID
    package var destinationID: DestinationID
    package var tenantID: TenantID
    /// As in the work item: the settlement counts only if the row still says the same.
    package var attemptsFinished: Int
    /// Nil only for `.parked`.
    package var attempt: AttemptRecord?
    package var disposition: Disposition

    package init(
        eventID: EventID, destinationID: DestinationID, tenantID: TenantID, attemptsFinished: Int,
        attempt: AttemptRecord?, disposition: Disposition
    ) {
        self.eventID = eventID
        self.destinationID = destinationID
        self.tenantID = tenantID
        self.attemptsFinished = attemptsFinished
        self.attempt = attempt
        self.disposition = disposition
    }
}

/// A breaker's state as it should be after a take-over.
package struct BreakerRecord: Sendable, Equatable {
    package var destinationID: DestinationID
    package var state: CircuitBreaker.State
    package var consecutiveFailures: Int
    package var nextProbeAt: Timestamp?

    package init(
        destinationID: DestinationID, state: CircuitBreaker.State, consecutiveFailures: Int, nextProbeAt: Timestamp?
    ) {
        self.destinationID = destinationID
        self.state = state
        self.consecutiveFailures = consecutiveFailures
        self.nextProbeAt = nextProbeAt
    }
}

/// Writes outcomes. Blocking.
package protocol SettlementStore {
    /// One transaction: attempt rows inserted, events moved on, breakers written. A settlement whose event is
    /// final, cancelled, or already past that attempt is skipped together with its attempt row. Returns the events
    /// that were moved.
    /// batch: each event at most once. Safe to repeat.
    func settle(_ batch: [Settlement], breakers: [BreakerRecord]) throws(StoreError) -> Set<EventID>

    /// Marks attempts that take long as `Processing`, for whoever looks. Rows that have moved on stay as they are.
    func markProcessing(_ events: [EventID]) throws(StoreError)
}
