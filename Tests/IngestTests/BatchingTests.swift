import Domain
import Ports
import Synchronization
import TestSupport
import Testing

@testable import Ingest

@Suite struct BatchingTests {
    /// Holds a first event in the store; whatever is sent now collects.
    private func holdFirst(_ platform: Platform) -> PostClient {
        platform.control.isGated.store(true, ordering: .sequentiallyConsistent)
        let first = platform.client
        first.send(platform.path(), ["X-Api-Key": "key"], #"{"first":1}"#)
        #expect(platform.control.entered.takeAll(until: .now + .seconds(10)) == [1])
        return first
    }

    private func send(_ platform: Platform, _ number: Int, key: String? = nil) -> PostClient {
        let client = platform.client
        var headers = ["X-Api-Key": "key"]
        headers["X-Idempotency-Key"] = key
        client.send(platform.path(), headers, #"{"n":\#(number)}"#)
        return client
    }

    private func waitForQueue(_ platform: Platform, _ events: Int) {
        #expect(eventually { platform.count("hooksentry_accept_queue_events \(events)") })
    }

    @Test func whileOneBatchCommitsTheNextCollects() throws {
        let platform = try Platform()
        let first = holdFirst(platform)
        let others = (0..<20).map { send(platform, $0) }
        waitForQueue(platform, 21)
        platform.control.open()
        #expect(first.response()?.status == 202)
        #expect(others.allSatisfy { $0.response()?.status == 202 })
        #expect(platform.control.state.withLock { $0.batches.map(\.count) } == [1, 20])
        #expect(Set(platform.control.accepted.map(\.item.eventID)).count == 21)
    }

    @Test func withoutABrokerEventsAreDueAtOnceAndNotPublished() throws {
        let platform = try Platform()
        #expect(try platform.post().status == 202)
        #expect(platform.control.state.withLock { $0.dueAfter } == Limits().handOverGrace)
        platform.publisher.connected.store(false, ordering: .sequentiallyConsistent)
        #expect(try platform.post().status == 202)
        #expect(platform.control.state.withLock { $0.dueAfter } == .zero)
        #expect(platform.publisher.items.withLock { $0.count } == 1)
    }

    @Test func aBatchIsBounded() throws {
        let platform = try Platform { $0.acceptBatchEvents = 8 }
        let first = holdFirst(platform)
        let others = (0..<20).map { send(platform, $0) }
        waitForQueue(platform, 21)
        platform.control.open()
        #expect(([first] + others).allSatisfy { $0.response()?.status == 202 })
        #expect(platform.control.state.withLock { $0.batches.map(\.count) } == [1, 8, 8, 4])
    }

    @Test(arguments: [true, false])
    func aFullQueueAnswers503AndNothingOfIt(byEvents: Bool) throws {
        let platform = try Platform {
            if byEvents { $0.acceptQueueEvents = 3 } else { $0.acceptQueueBytes = #"{"first":1}"#.utf8.count + 2 * 7 }
        }
        let first = holdFirst(platform)
        let others = (0..<2).map { send(platform, $0) }
        waitForQueue(platform, 3)
        let refused = try #require(send(platform, 9).response())
        #expect(refused.status == 503 && refused.field("Retry-After") == "1" && refused.body == "")
        platform.control.open()
        #expect(([first] + others).allSatisfy { $0.response()?.status == 202 })
        #expect(platform.control.accepted.count == 3)
        #expect(send(platform, 10).response()?.status == 202)
        #expect(platform.count(#"hooksentry_ingest_requests_total{result="overloaded"} 1"#))
    }

    @Test func aKeyTwiceInOneBatchIsOneEvent() throws {
        let platform = try Platform()
        let first = holdFirst(platform)
        let twins = (0..<3).map { send(platform, $0, key: "twin") } + [send(platform, 3, key: "single")]
        waitForQueue(platform, 5)
        platform.control.open()
        #expect(first.response()?.status == 202)
        let answers = try twins.map { try #require($0.response()) }
        #expect(answers.prefix(3).map(\.status).sorted() == [200, 200, 202])
        #expect(Set(answers.prefix(3).map { $0.field("Location") }).count == 1)
        let bodies = answers.prefix(3).map { $0.body.replacing(#","payloadDiffers":true"#, with: "") }
        #expect(Set(bodies).count == 1)
        #expect(answers[3].status == 202)
        #expect(platform.control.accepted.count == 3)
        #expect(platform.publisher.items.withLock { $0.count } == 3)
    }

    @Test func whileTheStoreIsAwayRequestsGet503AndAfterwardsItRecovers() throws {
        let platform = try Platform()
        #expect(try platform.post().status == 202)
        platform.control.change { $0.isAway = true }
        for _ in 0..<3 {
            let response = try platform.post()
            #expect(response.status == 503 && response.field("Retry-After") == "2")
        }
        platform.control.change { $0.isAway = false }
        #expect(try platform.post().status == 202)
        #expect(platform.control.accepted.count == 2)
        #expect(platform.publisher.items.withLock { $0.count } == 2)
    }

    @Test func whileAProbeIsUnderWayOthersAreRefusedWithoutWaiting() throws {
        let platform = try Platform()
        #expect(try platform.post().status == 202)
        platform.control.change { $0.isAway = true }
        #expect(try platform.post().status == 503)
        _ = platform.control.entered.takeAll(until: .now)
        let probe = holdFirst(platform)
        #expect(try platform.post().status == 503)
        platform.control.change { $0.isAway = false }
        platform.control.open()
        #expect(probe.response()?.status == 202)
        #expect(try platform.post().status == 202)
    }

    @Test func whoWaitsWhenTheStoreGoesAwayHearsItAtOnce() throws {
        let platform = try Platform { $0.acceptBatchEvents = 2 }
        let first = holdFirst(platform)
        let others = (0..<10).map { send(platform, $0) }
        waitForQueue(platform, 11)
        platform.control.change { $0.isAway = true }
        platform.control.open()
        #expect(([first] + others).allSatisfy { $0.response()?.status == 503 })
        // Not one batch after the other found it out.
        #expect(platform.control.entered.takeAll(until: .now).isEmpty)
        #expect(platform.count("hooksentry_accept_queue_events 0"))
        #expect(platform.publisher.items.withLock { $0.isEmpty })
    }

    @Test func anEventTheStoreRefusesFailsAlone() throws {
        let platform = try Platform()
        let first = holdFirst(platform)
        platform.control.change { $0.refused = [#"{"n":3}"#] }
        let others = (0..<9).map { send(platform, $0) }
        waitForQueue(platform, 10)
        platform.control.open()
        #expect(first.response()?.status == 202)
        #expect(others.map { $0.response()?.status } == [202, 202, 202, 500, 202, 202, 202, 202, 202])
        #expect(platform.control.accepted.count == 9)
    }

    @Test func stoppingCommitsWhatWaits() throws {
        let platform = try Platform()
        let first = holdFirst(platform)
        let others = (0..<5).map { send(platform, $0) }
        waitForQueue(platform, 6)
        platform.control.open()
        platform.service.stop()
        #expect(([first] + others).allSatisfy { $0.response()?.status == 202 })
        #expect(try platform.post().status == 503)
        #expect(platform.control.accepted.count == 6)
    }

    @Test func aLingeringBatcherStillAnswersEveryone() throws {
        let platform = try Platform(linger: LingerPolicy(longest: .milliseconds(2), enough: 64))
        let clients = (0..<8).map { _ in platform.client }
        for round in 0..<50 {
            for client in clients { client.send(platform.path(), ["X-Api-Key": "key"], #"{"n":\#(round)}"#) }
            #expect(clients.allSatisfy { $0.response()?.status == 202 })
        }
        #expect(platform.control.accepted.count == 400)
    }
}
