import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Bulk replays", .needsPostgres)
struct ReplayJobTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let destination: DestinationID
    private let node: NodeID = makeID()

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        tenant = try makeTenant(in: store)
        destination = try makeDestination(in: store, tenant: tenant)
    }

    /// Failed for good, one a second, the first one the oldest.
    private func fail(
        _ count: Int, _ disposition: Settlement.Disposition = .criticalFailure, for destination: DestinationID? = nil,
        secondsAgo: Int = 600
    ) throws -> [EventID] {
        let events = (0..<count).map {
            makeEvent(
                tenant: tenant, destination: destination ?? self.destination,
                acceptedAt: now() - .seconds(secondsAgo - $0))
        }
        _ = try store.accept(events, dueAfter: .zero)
        _ = try store.settle(
            events.map { makeSettlement($0.item, attempt: makeAttempt(1), disposition) }, breakers: [])
        return events.map(\.item.eventID)
    }

    private func make(_ filter: ReplayFilter, rate: Int = 100) throws -> ReplayJobRecord {
        let matched = try store.countReplayable(of: tenant, filter)
        let job = ReplayJobRecord(
            id: makeID(), tenantID: tenant, createdBy: makeID(), filter: filter, rate: rate, matched: matched,
            createdAt: now())
        #expect(try store.createReplayJob(job, unfinishedMax: 10))
        return job
    }

    /// Carries the job out in portions; how many events each took up.
    private func run(_ job: ReplayJobRecord, portion: Int) throws -> [Int] {
        #expect(try store.leaseReplayJobs(node, lease: .seconds(5), limit: 10).map(\.job).contains(job.id))
        var portions: [Int] = []
        while true {
            switch try store.replayStep(job.id, by: node, limit: portion) {
            case .advanced(let chosen): portions.append(chosen)
            case .completed(let chosen): return portions + [chosen]
            case .notOurs:
                Issue.record("the job is not ours")
                return portions
            }
        }
    }

    private func pending() throws -> Set<EventID> {
        let ids = try database.makeConnection().text(
            "SELECT string_agg(id::text, ',') FROM events WHERE tenant_id = '\(tenant)' AND status = 0")
        return Set(ids.split(separator: ",").compactMap { EventID($0) })
    }

    @Test func aJobIsReadBackAsItWasMade() throws {
        let events = try fail(2)
        let filter = ReplayFilter(
            statuses: [.authenticationFailed], destinationID: destination, from: now() - .seconds(60), to: now(),
            events: events)
        let job = try make(filter, rate: 7)
        let read = try #require(try store.replayJob(job.id, of: tenant))
        #expect(read == job && read.matched == 0)
        #expect(try store.replayJob(job.id, of: makeID()) == nil)
        #expect(try store.owner(ofReplayJob: job.id) == tenant)
        let page = PageQuery(offset: 0, limit: 5, sort: "createdAt", descending: true)
        #expect(try store.replayJobs(of: tenant, status: .running, page).rows == [job])
        #expect(try store.replayJobs(of: tenant, status: .paused, page).total == 0)
        #expect(try store.replayJobs(of: makeID(), status: nil, page).total == 0)
    }

    @Test func everyFittingEventIsReplayedOnceInPortions() throws {
        let old = try fail(4, secondsAgo: 3_000)
        let mine = try fail(7) + fail(3, .authenticationFailed, secondsAgo: 500)
        let elsewhere = try fail(2, for: makeDestination(in: store, tenant: tenant))
        let job = try make(
            ReplayFilter(destinationID: destination, from: now() - .seconds(1_000), to: now()))
        #expect(job.matched == 10)
        #expect(try run(job, portion: 4).reduce(0, +) == 10)
        #expect(try pending() == Set(mine))
        let read = try #require(try store.replayJob(job.id, of: tenant))
        #expect(read.status == .completed && read.replayed == 10 && read.skipped == 0 && read.finishedAt != nil)
        #expect(Set(old + elsewhere).isDisjoint(with: try pending()))
        #expect(try store.dueWork(for: [(destination, 20)], held: []).allSatisfy { $0.attemptsThisRound == 0 })
    }

    /// No id carries a time before 1970.
    @Test func aSpanMayBeginOrEndBeforeTheFirstId() throws {
        _ = try fail(3)
        let (old, epoch) = (Timestamp(iso8601: "0001-01-01")!, Timestamp(iso8601: "1969-12-31")!)
        #expect(try make(ReplayFilter(from: old, to: now())).matched == 3)
        #expect(try make(ReplayFilter(from: old, to: epoch)).matched == 0)
        #expect(try make(ReplayFilter(from: nil, to: epoch)).matched == 0)
    }

    @Test func onlyTheNamedEventsOfTheTenantAreReplayed() throws {
        let events = try fail(6)
        let job = try make(
            ReplayFilter(statuses: [.criticalFailure], to: now(), events: Array(events[1...4]) + [makeID()]))
        #expect(job.matched == 4)
        #expect(try run(job, portion: 3) == [3, 1])
        #expect(try pending() == Set(events[1...4]))
    }

    @Test func twoReplaysOfTheSameEventsQueueEachOnce() throws {
        let events = try fail(40)
        let jobs = try [make(ReplayFilter(to: now())), make(ReplayFilter(to: now()))]
        _ = try store.leaseReplayJobs(node, lease: .seconds(60), limit: 10)
        let (database, node) = (database, node)
        _ = try inParallel(2) { index in
            let store = database.makeStore()
            while case .advanced = try store.replayStep(jobs[index].id, by: node, limit: 3) {}
        }
        let read = try jobs.map { try #require(try store.replayJob($0.id, of: tenant)) }
        #expect(read.allSatisfy { $0.status == .completed })
        #expect(read.map(\.replayed).reduce(0, +) == 40)
        #expect(try pending() == Set(events))
    }

    @Test func anErasedEventIsSkipped() throws {
        let events = try fail(2)
        #expect(try store.erase(events[0], of: tenant, cancelWaiting: false) == .done)
        let job = try make(ReplayFilter(to: now()))
        _ = try run(job, portion: 10)
        #expect(try store.replayJob(job.id, of: tenant)?.skipped == 1)
        #expect(try pending() == [events[1]])
    }

    @Test func whatHasNowhereToGoIsSkipped() throws {
        let gone = try makeDestination(in: store, tenant: tenant)
        _ = try fail(2, for: gone)
        #expect(try store.deleteDestination(gone, of: tenant, despiteWaiting: true) == .done)
        let events = try fail(1)
        let job = try make(ReplayFilter(to: now()))
        _ = try run(job, portion: 10)
        let read = try #require(try store.replayJob(job.id, of: tenant))
        #expect(read.replayed == 1 && read.skipped == 2)
        #expect(try pending() == Set(events))
    }

    @Test func aJobMovesToAnotherWorkerWhenItsLeaseIsOver() throws {
        _ = try fail(5)
        let job = try make(ReplayFilter(to: now()))
        let other: NodeID = makeID()
        #expect(try store.leaseReplayJobs(node, lease: .milliseconds(-1), limit: 10) == [.init(job: job.id, rate: 100)])
        #expect(try store.replayStep(job.id, by: node, limit: 2) == .advanced(chosen: 2))
        #expect(try store.replayStep(job.id, by: other, limit: 2) == .notOurs)
        #expect(try store.leaseReplayJobs(other, lease: .seconds(60), limit: 10).map(\.job) == [job.id])
        #expect(try store.leaseReplayJobs(node, lease: .seconds(60), limit: 10).isEmpty)
        // Where the first one stopped.
        #expect(try store.replayStep(job.id, by: node, limit: 2) == .notOurs)
        #expect(try store.replayStep(job.id, by: other, limit: 10) == .completed(chosen: 3))

        let second = try make(ReplayFilter(to: now()))
        _ = try store.leaseReplayJobs(other, lease: .seconds(60), limit: 10)
        try store.releaseReplayJobs(of: other)
        #expect(try store.leaseReplayJobs(node, lease: .seconds(60), limit: 10).map(\.job) == [second.id])
    }

    @Test func aPausedJobRestsAndACancelledOneNeverGoesOn() throws {
        _ = try fail(5)
        let job = try make(ReplayFilter(to: now()))
        _ = try store.leaseReplayJobs(node, lease: .seconds(60), limit: 10)
        #expect(try store.setStatus(.paused, ofReplayJob: job.id, of: makeID()) == nil)
        #expect(try store.setStatus(.paused, ofReplayJob: job.id, of: tenant)?.status == .paused)
        #expect(try store.replayStep(job.id, by: node, limit: 2) == .notOurs)
        #expect(try store.leaseReplayJobs(node, lease: .seconds(60), limit: 10).isEmpty)
        #expect(try store.setStatus(.running, ofReplayJob: job.id, of: tenant)?.finishedAt == .some(nil))
        #expect(try store.leaseReplayJobs(node, lease: .seconds(60), limit: 10).count == 1)
        let cancelled = try #require(try store.setStatus(.cancelled, ofReplayJob: job.id, of: tenant))
        #expect(cancelled.status == .cancelled && cancelled.finishedAt != nil)
        #expect(try store.setStatus(.running, ofReplayJob: job.id, of: tenant) == nil)
        #expect(try store.replayStep(job.id, by: node, limit: 2) == .notOurs)
        #expect(try pending().isEmpty)
    }

    @Test func aTenantHasABoundedNumberOfUnfinishedJobs() throws {
        let job = try make(ReplayFilter(to: now()))
        var second = job
        second.id = makeID()
        #expect(try !store.createReplayJob(second, unfinishedMax: 1))
        _ = try store.setStatus(.cancelled, ofReplayJob: job.id, of: tenant)
        #expect(try store.createReplayJob(second, unfinishedMax: 1))
    }

    @Test func theScanReadsTheIndexOfFailedEvents() throws {
        _ = try fail(3)
        let job = try make(ReplayFilter(to: now()))
        _ = try run(job, portion: 2)
        let connection = store.connection
        let name = try connection.text("SELECT name FROM pg_prepared_statements WHERE name ~ '^\\d+_replay_look$'")
        // With ids as wide as they get: the planner would leave out every partition for none.
        let (least, most) = (EventID(high: 0, low: 0), EventID(high: .max, low: .max))
        let plan = try connection.query(
            Statement(
                "plan look", "EXPLAIN EXECUTE \"\(name)\" (NULL, NULL, '\(least)', '\(most)', NULL, NULL, NULL)")
        ).map { row throws(StoreError) in try row.value(String.self) }.joined(separator: "\n")
        #expect(plan.contains("(status = 5) AND (id > $3)"), "\(plan)")
        #expect(!plan.contains("Seq Scan on events"), "\(plan)")
        #expect(!plan.contains("->  Sort"), "\(plan)")
    }
}
