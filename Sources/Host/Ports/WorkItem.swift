import Domain

/// One event ready for its next attempt: all a worker needs besides the destination's settings. It travels in
/// a broker message and comes the same from the store.
package struct WorkItem: Sendable, Equatable {
    package var eventID: EventID
    package var tenantID: TenantID
    package var destinationID: DestinationID
    /// Attempts finished so far, ever; the next one's number is this plus one. It never goes back, not on replay
    /// either, so that it can guard settlements and number the attempt rows.
    package var attemptsFinished: Int
    /// Attempts finished since the event was accepted or last replayed; what `maxTrys` bounds.
    package var attemptsThisRound: Int
    package var acceptedAt: Timestamp
    /// As posted: `application/json; charset=utf-8` unless the sender said otherwise.
    package var contentType: String
    /// W3C trace context of the request that brought the event; empty if it had none.
    package var traceparent: String
    /// Sent by the platform to show that the destination works.
    package var isTest: Bool
    package var payload: [UInt8]

    package init(
        eventID: EventID, tenantID: TenantID, destinationID: DestinationID, attemptsFinished: Int = 0,
        attemptsThisRound: Int = 0, acceptedAt: Timestamp, contentType: String, traceparent: String = "",
        isTest: Bool = false, payload: [UInt8]
    ) {
        self.eventID = eventID
        self.tenantID = tenantID
        self.destinationID = destinationID
        self.attemptsFinished = attemptsFinished
        self.attemptsThisRound = attemptsThisRound
        self.acceptedAt = acceptedAt
        self.contentType = contentType
        self.traceparent = traceparent
        self.isTest = isTest
        self.payload = payload
    }
}
