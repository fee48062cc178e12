import Domain

/// What became of events that were accepted in one span of time.
package struct EventCounts: Sendable, Equatable {
    package var accepted = 0
    /// Of those that are not final, the ones that failed at least once in this round.
    package var retrying = 0
    package var succeeded = 0
    package var critical = 0
    package var unauthenticated = 0
    package var cancelled = 0
    package var attempts = 0
    /// How many were delivered, by step of `LatencyScale`.
    package var latencies: [Int: Int] = [:]

    package init() {}

    /// Not final and not retrying.
    package var pending: Int { accepted - retrying - succeeded - critical - unauthenticated - cancelled }

    package static func += (sum: inout Self, more: Self) {
        sum.accepted += more.accepted
        sum.retrying += more.retrying
        sum.succeeded += more.succeeded
        sum.critical += more.critical
        sum.unauthenticated += more.unauthenticated
        sum.cancelled += more.cancelled
        sum.attempts += more.attempts
        sum.latencies.merge(more.latencies) { $0 + $1 }
    }
}

/// A span of acceptance times, cut into buckets. All three are multiples of `EventCountPeriod.detail`.
package struct EventCountPeriod: Sendable, Equatable {
    /// The shortest bucket, and how long such short ones are kept. Whole hours are kept for `Limits.countRetention`.
    package static let detail = Duration.seconds(300)
    package static let detailKept = Duration.seconds(26 * 3_600)
    package static let hour = Duration.seconds(3_600)

    package var from: Timestamp
    /// Exclusive.
    package var to: Timestamp
    package var bucket: Duration

    package init(from: Timestamp, to: Timestamp, bucket: Duration) {
        self.from = from
        self.to = to
        self.bucket = bucket
    }
}

/// Exact counts of a tenant's events by when they were accepted. Blocking.
package protocol EventCountStore {
    /// Buckets with events in them, oldest first. destination: nil for all of the tenant's.
    func eventCounts(of tenant: TenantID, destination: DestinationID?, _ period: EventCountPeriod) throws(StoreError)
        -> [(start: Timestamp, counts: EventCounts)]
    /// The whole period, by destination; those that are gone are left out.
    func eventCountsByDestination(of tenant: TenantID, _ period: EventCountPeriod) throws(StoreError)
        -> [(destination: DestinationID, counts: EventCounts)]
    /// When the event that has been due for longest became due, of active destinations; nil if none is due.
    func oldestDue(of tenant: TenantID, destination: DestinationID?) throws(StoreError) -> Timestamp?
    /// Events accepted before this are not counted; nil: all are.
    func countedSince() throws(StoreError) -> Timestamp?
}
