import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Counts of events", .needsPostgres)
struct EventCountTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let destinations: [DestinationID]
    /// Three hours, up to the one that runs.
    let period: EventCountPeriod

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        let tenant = try makeTenant(in: store)
        self.tenant = tenant
        destinations = [try makeDestination(in: store, tenant: tenant), try makeDestination(in: store, tenant: tenant)]
        let hour = now().seconds / 3_600
        period = EventCountPeriod(
            from: Timestamp(seconds: (hour - 2) * 3_600), to: Timestamp(seconds: (hour + 1) * 3_600),
            bucket: .seconds(3_600))
    }

    /// What `counts` must say, counted from the events themselves.
    private func truth(_ condition: String = "true", _ period: EventCountPeriod? = nil) throws -> String {
        let period = period ?? self.period
        return try database.makeConnection().text(
            """
            SELECT (count(*), count(*) FILTER (WHERE status = 4), count(*) FILTER (WHERE status = 2),
                count(*) FILTER (WHERE status = 5), count(*) FILTER (WHERE status = 7),
                count(*) FILTER (WHERE status = 6), coalesce(sum(attempts_finished), 0))
            FROM events
            WHERE tenant_id = '\(tenant)' AND accepted_at >= '\(period.from)' AND accepted_at < '\(period.to)'
                AND \(condition)
            """)
    }

    private func text(_ counts: EventCounts) -> String {
        let numbers = [
            counts.accepted, counts.retrying, counts.succeeded, counts.critical, counts.unauthenticated,
            counts.cancelled, counts.attempts,
        ]
        return "(\(numbers.map { "\($0)" }.joined(separator: ",")))"
    }

    private func total(_ destination: DestinationID? = nil) throws -> EventCounts {
        var total = EventCounts()
        for bucket in try store.eventCounts(of: tenant, destination: destination, period) { total += bucket.counts }
        return total
    }

    /// Gives each event one of the things that can happen to it, over several rounds.
    private func live(_ events: [NewEvent], round: Int) throws {
        var batch: [Settlement] = []
        for (index, event) in events.enumerated() {
            let finished = try store.event(event.item.eventID, of: tenant)?.item.attemptsFinished ?? 0
            let attempt = makeAttempt(finished + 1)
            switch (index + round) % 6 {
            case 0:
                let at = event.item.acceptedAt + .milliseconds(40 << (index % 5))
                batch.append(
                    makeSettlement(event.item, attemptsFinished: finished, attempt: attempt, .succeeded(at: at)))
            case 1:
                batch.append(
                    makeSettlement(
                        event.item, attemptsFinished: finished, attempt: attempt, .waitingRetry(dueAt: now())))
            case 2:
                batch.append(
                    makeSettlement(event.item, attemptsFinished: finished, attempt: attempt, .criticalFailure))
            case 3:
                batch.append(
                    makeSettlement(event.item, attemptsFinished: finished, attempt: attempt, .authenticationFailed))
            case 4: batch.append(makeSettlement(event.item, attemptsFinished: finished, .parked(dueAt: nil)))
            default: _ = try store.replay(event.item.eventID, of: tenant)
            }
        }
        _ = try store.settle(batch, breakers: [])
        // Once more: nothing is counted twice.
        _ = try store.settle(batch, breakers: [])
    }

    @Test func areExactWhateverHappensAndWheneverTheyAreFolded() throws {
        let events = (0..<120).map { index in
            makeEvent(
                tenant: tenant, destination: destinations[index % 2],
                acceptedAt: min(now(), period.from + .seconds(index * 60)))
        }
        _ = try store.accept(events, dueAfter: .zero)
        _ = try store.accept(events, dueAfter: .zero)
        for round in 0..<5 {
            try live(events, round: round)
            #expect(try text(total()) == truth())
            if round % 2 == 0 { #expect(try store.foldEventCounts() > 0) }
            #expect(try text(total()) == truth())
        }
        _ = try store.cancelWaiting(destination: destinations[0], of: tenant, limit: 1_000)
        #expect(try text(total()) == truth())
        for destination in destinations {
            let expected = try truth("destination_id = '\(destination)'")
            #expect(try text(total(destination)) == expected)
        }
        _ = try store.foldEventCounts()
        #expect(try store.foldEventCounts() == 0)
        #expect(try text(total()) == truth())
        let listed = try store.eventCountsByDestination(of: tenant, period)
        #expect(Set(listed.map(\.destination)) == Set(destinations))
        for (destination, counts) in listed {
            #expect(try text(counts) == truth("destination_id = '\(destination)'"))
        }
    }

    @Test func bucketsAreThoseOfTheAcceptance() throws {
        let times = [0, 299, 300, 3_599, 3_600].map { period.from + .seconds($0) }
        _ = try store.accept(
            times.map { makeEvent(tenant: tenant, destination: destinations[0], acceptedAt: $0) }, dueAfter: .zero)
        for isFolded in [false, true] {
            if isFolded { _ = try store.foldEventCounts() }
            let hours = try store.eventCounts(of: tenant, destination: nil, period)
            #expect(hours.map(\.counts.accepted) == [4, 1])
            #expect(hours.map(\.start) == [period.from, period.from + .seconds(3_600)])
            var short = period
            short.bucket = .seconds(300)
            short.to = period.from + .seconds(3_600)
            let buckets = try store.eventCounts(of: tenant, destination: nil, short)
            #expect(buckets.map(\.counts.accepted) == [2, 1, 1])
        }
    }

    @Test func latenciesLieInTheirStep() throws {
        let milliseconds = [1, 10, 100, 1_000, 60_000, 3_600_000]
        let events = milliseconds.map { _ in
            makeEvent(tenant: tenant, destination: destinations[0], acceptedAt: period.from + .seconds(1))
        }
        _ = try store.accept(events, dueAfter: .zero)
        _ = try store.settle(
            zip(events, milliseconds).map { event, time in
                makeSettlement(
                    event.item, attempt: makeAttempt(1, .succeeded),
                    .succeeded(at: event.item.acceptedAt + .milliseconds(time)))
            }, breakers: [])
        let steps = try total().latencies.keys.sorted()
        #expect(steps.count == milliseconds.count)
        for (step, time) in zip(steps, milliseconds) {
            let read = LatencyScale.milliseconds(ofStep: step)
            #expect(abs(read / Double(time) - 1) < 0.1, "\(time) ms were read as \(read)")
        }
    }

    @Test func otherTenantsAreNotSeenAndOldOnesGo() throws {
        let other = try makeTenant(in: store)
        _ = try store.accept([makeEvent(tenant: tenant, destination: destinations[0])], dueAfter: .zero)
        #expect(try store.eventCounts(of: other, destination: nil, period).isEmpty)
        #expect(try store.eventCountsByDestination(of: other, period).isEmpty)
        #expect(try store.eventCounts(of: other, destination: destinations[0], period).isEmpty)
        _ = try store.foldEventCounts()
        _ = try store.runHousekeeping(now: now() + .seconds(28 * 3_600))
        #expect(try database.makeConnection().text("SELECT count(DISTINCT span_s) FROM event_counts") == "1")
        _ = try store.runHousekeeping(now: now() + .seconds(94 * 86_400))
        #expect(try database.makeConnection().text("SELECT count(*) FROM event_counts") == "0")
    }

    @Test func theOldestDueEventOfAnActiveDestinationTellsTheLag() throws {
        #expect(try store.oldestDue(of: tenant, destination: nil) == nil)
        let old = now() - .seconds(600)
        _ = try store.accept(
            [
                makeEvent(tenant: tenant, destination: destinations[0], acceptedAt: old),
                makeEvent(tenant: tenant, destination: destinations[1], acceptedAt: old + .seconds(60)),
            ], dueAfter: .zero)
        #expect(try store.oldestDue(of: tenant, destination: nil) == old)
        #expect(try store.oldestDue(of: tenant, destination: destinations[1]) == old + .seconds(60))
        #expect(try store.oldestDue(of: makeTenant(in: store), destination: destinations[1]) == nil)
        try database.makeConnection().execute("UPDATE destinations SET status = 1 WHERE id = '\(destinations[0])'")
        #expect(try store.oldestDue(of: tenant, destination: nil) == old + .seconds(60))
    }

    @Test func ofTwoThatFoldAtOnceNoneCountsTwice() throws {
        _ = try store.accept(
            (0..<50).map { _ in makeEvent(tenant: tenant, destination: destinations[0]) }, dueAfter: .zero)
        let database = database
        _ = try inParallel(4) { _ in try database.makeStore().foldEventCounts() }
        #expect(try total().accepted == 50)
    }
}
