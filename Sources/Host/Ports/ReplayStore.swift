import Domain

/// Which of a tenant's failed events are meant.
package struct ReplayFilter: Sendable, Equatable {
    /// States that an event can be replayed from.
    package static let replayable: [EventStatus] = [.criticalFailure, .authenticationFailed]

    /// Of `replayable`.
    package var statuses: [EventStatus]
    package var destinationID: DestinationID?
    /// Both inclusive, on `acceptedAt`.
    package var from: Timestamp?
    package var to: Timestamp
    /// These alone; nil: all that fit the rest.
    package var events: [EventID]?

    package init(
        statuses: [EventStatus] = replayable, destinationID: DestinationID? = nil, from: Timestamp? = nil,
        to: Timestamp, events: [EventID]? = nil
    ) {
        self.statuses = statuses
        self.destinationID = destinationID
        self.from = from
        self.to = to
        self.events = events
    }
}

/// A bulk replay: a job that some worker carries out, however often workers come and go.
package struct ReplayJobRecord: Sendable, Equatable {
    package var id: ReplayJobID
    package var tenantID: TenantID
    package var createdBy: UserID
    package var filter: ReplayFilter
    /// Events a second.
    package var rate: Int
    package var status: ReplayStatus
    /// Events that fitted when the job was made, counted up to `matchedMax`.
    package var matched: Int
    package var replayed = 0
    /// Met, but not replayed: somebody else did, or their destination is gone.
    package var skipped = 0
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var finishedAt: Timestamp?

    package static let matchedMax = 1_000_000

    package init(
        id: ReplayJobID, tenantID: TenantID, createdBy: UserID, filter: ReplayFilter, rate: Int,
        status: ReplayStatus = .running, matched: Int, createdAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.createdBy = createdBy
        self.filter = filter
        self.rate = rate
        self.status = status
        self.matched = matched
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// Bulk replays as the API manages them.
package protocol ReplayJobStore {
    /// How many events of the tenant fit, counted up to `ReplayJobRecord.matchedMax`.
    func countReplayable(of tenant: TenantID, _ filter: ReplayFilter) throws(StoreError) -> Int
    /// False, and nothing is made, if the tenant has `unfinishedMax` jobs that are not finished.
    func createReplayJob(_ job: ReplayJobRecord, unfinishedMax: Int) throws(StoreError) -> Bool
    func owner(ofReplayJob id: ReplayJobID) throws(StoreError) -> TenantID?
    func replayJob(_ id: ReplayJobID, of tenant: TenantID) throws(StoreError) -> ReplayJobRecord?
    /// Sorts: `id`, `status`, `createdAt`.
    func replayJobs(of tenant: TenantID, status: ReplayStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<ReplayJobRecord>
    /// Nil if there is no such job or it is finished.
    func setStatus(_ status: ReplayStatus, ofReplayJob id: ReplayJobID, of tenant: TenantID) throws(StoreError)
        -> ReplayJobRecord?
}

/// Bulk replays as workers carry them out. Blocking.
package protocol ReplayStore {
    /// Takes running jobs that no live worker has, up to `limit` with those it has, and says that it goes on with them.
    func leaseReplayJobs(_ node: NodeID, lease: Duration, limit: Int) throws(StoreError) -> [ReplayLease]
    /// One transaction: looks at the next events, makes at most `limit` of them due, and moves the job's cursor past
    /// them. So an event is looked at once in a job, whoever carries it out.
    func replayStep(_ job: ReplayJobID, by node: NodeID, limit: Int) throws(StoreError) -> ReplayStep
    /// For others to go on with; the end of an orderly shutdown.
    func releaseReplayJobs(of node: NodeID) throws(StoreError)
}

package struct ReplayLease: Sendable, Equatable {
    package var job: ReplayJobID
    /// Events a second.
    package var rate: Int

    package init(job: ReplayJobID, rate: Int) {
        self.job = job
        self.rate = rate
    }
}

package enum ReplayStep: Sendable, Equatable {
    /// chosen: events that were taken up, replayed or not.
    case advanced(chosen: Int)
    case completed(chosen: Int)
    /// Paused, cancelled, or another worker's.
    case notOurs
}
