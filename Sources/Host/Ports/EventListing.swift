import Domain

/// Which events a list is about.
package struct EventFilter: Sendable {
    package var status: EventStatus?
    package var destinationID: DestinationID?
    /// Both inclusive, on `acceptedAt`, to the millisecond.
    package var from: Timestamp?
    package var to: Timestamp?

    package init(
        status: EventStatus? = nil, destinationID: DestinationID? = nil, from: Timestamp? = nil, to: Timestamp? = nil
    ) {
        self.status = status
        self.destinationID = destinationID
        self.from = from
        self.to = to
    }
}

/// What became of an event that was to be erased.
package enum Erasure: Sendable, Equatable {
    case done
    case unknown
    /// It is not final, and was not to be cancelled or is being delivered.
    case unfinished
}

/// Which part of a list of events is asked for.
package struct EventQuery: Sendable {
    package var page: PageQuery
    /// In the orders of `acceptedAt` and `id`: only what comes after this one.
    package var after: EventID?
    /// Matches are counted up to this many; beyond it the total is an estimate.
    package var countMax: Int
    /// Bytes of payload in the page; of one event any number.
    package var payloadBytesMax: Int

    package init(
        _ page: PageQuery, after: EventID? = nil, countMax: Int = Limits().listTotalExact,
        payloadBytesMax: Int = Limits().listPayloadBytes
    ) {
        self.page = page
        self.after = after
        self.countMax = countMax
        self.payloadBytesMax = payloadBytesMax
    }
}

package enum EventListing: Sendable {
    case page(EventPage)
    /// More than `countMax` match, and no index has them in the order asked for.
    case tooManyToSort
    /// The payloads of the page have this many bytes, which is more than `payloadBytesMax`.
    case tooManyBytes(Int)
}

package struct EventPage: Sendable {
    /// All matches, before paging.
    package var total: Int
    package var isTotalEstimated: Bool
    package var rows: [EventRecord]
    /// More come after these.
    package var hasMore: Bool

    package init(total: Int, isTotalEstimated: Bool, rows: [EventRecord], hasMore: Bool) {
        self.total = total
        self.isTotalEstimated = isTotalEstimated
        self.rows = rows
        self.hasMore = hasMore
    }
}
