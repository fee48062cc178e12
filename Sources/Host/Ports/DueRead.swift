import Domain

/// What is asked of the store at a time: bounded by count, and by bytes however large the events are.
package struct DueRead: Sendable, Equatable {
    package struct Request: Sendable, Equatable {
        package var destination: DestinationID
        /// At most.
        package var events: Int
        /// Also those that waited for the destination to be open.
        package var waitedForOpening: Bool

        package init(destination: DestinationID, events: Int, waitedForOpening: Bool) {
            self.destination = destination
            self.events = events
            self.waitedForOpening = waitedForOpening
        }
    }

    package var requests: [Request]
    /// All requests together: no event comes after those that reach it. Above zero, so that one comes.
    package var bytes: Int
    /// What an event takes of that besides its payload.
    package var bytesPerEvent: Int
    /// Events that are not wanted.
    package var held: [EventID]
    /// By the database's clock. What is cancelled later the answer may not know of.
    package var askedAt: Timestamp

    package init(requests: [Request], bytes: Int, bytesPerEvent: Int, held: [EventID], askedAt: Timestamp) {
        self.requests = requests
        self.bytes = bytes
        self.bytesPerEvent = bytesPerEvent
        self.held = held
        self.askedAt = askedAt
    }

    /// Whether events may have been left out, of any request, because these reach the bytes.
    package func isCut(_ items: [WorkItem]) -> Bool {
        items.reduce(0) { $0 + $1.payload.count + bytesPerEvent } >= bytes
    }
}
