import Domain
import Glibc
import JSON
import Ports
import Synchronization
import Testing

@testable import ManagementAPI

@Suite struct EventRoutesTests {
    let harness = Harness()
    let tenant: TestTenant
    let destination: String

    init() {
        tenant = harness.makeTenant()
        destination = harness.makeDestination(tenant)["id"]!.text!
    }

    @Test func `An event shows the contract's fields and then ours, the payload as text`() {
        let id = harness.makeEvent(
            tenant, destination: destination, .waitingRetry, payload: #"{"n": 1.10, "s":"\u00fc"}"#, attempts: 2)
        harness.pool.inspect { [now = harness.clock.now] store in
            store.events[id]!.nextAttemptAt = now + .seconds(300)
            store.events[id]!.mappingError = "the mapping has no order"
        }
        let response = harness.send("GET", "/api/v1/events/\(id)", token: tenant.token)
        #expect(
            response.text
                == #"{"id":"\#(id)","tenantId":"\#(tenant.id)","destinationUrlId":"\#(destination)","#
                + #""payload":"{\"n\": 1.10, \"s\":\"\\u00fc\"}","status":"WaitingRetry","idempotencyKey":"order-17","#
                + #""currentRetryCount":2,"nextAttemptAt":"2026-08-01T09:05:00.000Z","#
                + #""acceptedAt":"2026-08-01T09:00:00.000Z","deliveredAt":null,"destinationId":"\#(destination)","#
                + #""destinationUrl":"https://hooks.example/in","attempts":2,"#
                + #""mappingError":"the mapping has no order","isErased":false,"test":false}"#)
    }

    @Test(arguments: [
        (EventStatus.pending, 0, 0), (.waitingRetry, 3, 3), (.succeeded, 1, 0), (.succeeded, 4, 3),
        (.criticalFailure, 10, 9), (.authenticationFailed, 1, 0), (.cancelled, 2, 2), (.criticalFailure, 0, 0),
    ])
    func `The retry count leaves out the attempt that ended the event`(status: EventStatus, attempts: Int, count: Int) {
        let id = harness.makeEvent(tenant, destination: destination, status, attempts: attempts)
        let response = harness.send("GET", "/api/v1/events/\(id)", token: tenant.token)
        #expect(response.document["currentRetryCount"]?.integer == count)
        #expect(response.document["attempts"]?.integer == attempts)
    }

    @Test func `Events are filtered by status, destination and time, all at once`() {
        let other = harness.makeDestination(tenant)["id"]!.text!
        _ = harness.makeEvent(tenant, destination: destination, .succeeded)
        harness.clock.advance(by: .seconds(3_600))
        _ = harness.makeEvent(tenant, destination: destination, .authenticationFailed)
        harness.clock.advance(by: .seconds(3_600))
        _ = harness.makeEvent(tenant, destination: other, .authenticationFailed)
        let token = harness.accessToken(tenant.owner)
        for (query, total) in [
            ("", 3), ("Status=authenticationfailed", 2), ("Status=7", 2), ("Status=Pending", 0),
            ("DestinationUrlId=\(destination)", 2), ("status=7&destinationUrlId=\(other)", 1),
            ("From=2026-08-01T10:00:00Z", 2), ("From=2026-08-01T10:00:00.001Z", 1),
            ("To=2026-08-01T10:00:00Z", 2), ("To=2026-08-01", 0), ("From=2026-08-01&To=2026-08-02", 3),
            // The plus sign of an offset arrives as a space when it was not escaped.
            ("From=2026-08-01T13:00:00 02:00", 1), ("From=2026-08-01T13:00:00+02:00", 1),
            ("From=2026-08-01T10:00:00Z&To=2026-08-01T10:30:00Z&Status=7", 1), ("Status=&From=", 3),
        ] {
            let response = harness.send("GET", "/api/v1/events?\(query)", token: token)
            #expect(response.document["total"]?.integer == total, "\(query)")
            #expect(response.document["items"]?.elements?.count == total)
        }
    }

    @Test(arguments: [
        ("Status=Lost", mustBeStatus), ("Status=8", mustBeStatus),
        ("DestinationUrlId=7", "DestinationUrlId must be a UUID"),
        ("From=yesterday", "From must be an ISO 8601 date or time"),
        ("To=2026-02-30", "To must be an ISO 8601 date or time"),
        ("CpOrd=payload", "CpOrd must be one of \(ManagementAPI.eventSortFields.joined(separator: ", "))"),
    ])
    func `A filter that cannot be read is 400 and says which`(query: String, sentence: String) {
        let response = harness.send("GET", "/api/v1/events?\(query)", token: tenant.token)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `The newest event comes first unless asked otherwise`() {
        let ids = (1...3).map { _ in
            harness.clock.advance(by: .seconds(1))
            return "\(harness.makeEvent(tenant, destination: destination))"
        }
        func listed(_ query: String) -> [String] {
            let response = harness.send("GET", "/api/v1/events\(query)", token: tenant.token)
            return response.document["items"]!.elements!.map { $0.members!["id"]!.text! }
        }
        #expect(listed("") == ids.reversed())
        #expect(listed("?TpOrd=Asc") == ids)
        #expect(listed("?cpord=ID&tpord=0&Qt=2") == Array(ids[..<2]))
    }

    @Test func `Attempts are listed oldest first with all that was recorded`() {
        let id = harness.makeEvent(tenant, destination: destination, .succeeded, attempts: 2)
        harness.pool.inspect { [now = harness.clock.now] store in
            store.attempts[id] = [
                AttemptRecord(
                    number: 1, startedAt: now, duration: .milliseconds(5_000), outcome: .timeout,
                    error: "no answer within 5 s",
                    pluginChain: [
                        PluginStep("BearerToken 1.0.0", duration: .microseconds(120)), PluginStep("X 1"),
                    ]),
                AttemptRecord(
                    number: 2, startedAt: now + .seconds(120), duration: .microseconds(12_900), outcome: .succeeded,
                    httpStatus: 204, responseBody: [0x6F, 0x6B, 0xFF],
                    requestHeaders: "Content-Type: application/json\nAuthorization: ***"),
            ]
        }
        let response = harness.send("GET", "/api/v1/events/\(id)/attempts", token: tenant.token)
        #expect(
            response.text
                == #"{"total":2,"items":[{"number":1,"startedAt":"2026-08-01T09:00:00.000Z","durationMs":5000,"#
                + #""outcome":"timeout","httpStatus":null,"error":"no answer within 5 s","responseBody":"","#
                + #""requestHeaders":"","plugins":["BearerToken 1.0.0","X 1"],"#
                + #""steps":[{"plugin":"BearerToken 1.0.0","durationUs":120},{"plugin":"X 1","durationUs":null}]},"#
                + #"{"number":2,"startedAt":"2026-08-01T09:02:00.000Z","durationMs":12,"outcome":"succeeded","#
                + #""httpStatus":204,"error":null,"responseBody":"ok\#u{FFFD}","#
                + #""requestHeaders":"Content-Type: application/json\nAuthorization: ***","plugins":[],"steps":[]}]}"#)
    }

    @Test(arguments: EventStatus.allCases)
    func `Only an event that has failed for good can be replayed`(status: EventStatus) {
        let id = harness.makeEvent(tenant, destination: destination, status, attempts: 3)
        let response = harness.send("POST", "/api/v1/events/\(id)/replay", token: tenant.token)
        guard status == .criticalFailure || status == .authenticationFailed else {
            #expect(response.status == 400)
            #expect(response.sentence == "status must be CriticalFailure or AuthenticationFailed for a replay")
            return
        }
        #expect(response.status == 200)
        #expect(response.document["status"] == "Pending")
        #expect(response.document["currentRetryCount"] == 0)
        #expect(response.document["attempts"] == 3)
        #expect(response.document["nextAttemptAt"] == "2026-08-01T09:00:00.000Z")
    }

    @Test func `Of many replays at a time one wins`() {
        let id = harness.makeEvent(tenant, destination: destination, .criticalFailure)
        let statuses = statusesOfConcurrentCalls(8) { [harness, tenant] in
            harness.send("POST", "/api/v1/events/\(id)/replay", token: tenant.token).status
        }
        #expect(statuses.sorted() == [200, 400, 400, 400, 400, 400, 400, 400])
    }

    @Test func `A purge cancels what waits and nothing else`() {
        let other = harness.makeDestination(tenant)["id"]!.text!
        let before = EventStatus.allCases.map { harness.makeEvent(tenant, destination: destination, $0) }
        let elsewhere = harness.makeEvent(tenant, destination: other, .pending)
        let response = harness.send("DELETE", "/api/v1/queues/\(destination)", token: tenant.token)
        #expect(response.status == 204)
        #expect(response.body.isEmpty)
        let after = harness.pool.inspect { store in before.map { store.events[$0]!.status } }
        #expect(
            after == [
                .cancelled, .processing, .succeeded, .cancelled, .cancelled, .criticalFailure, .cancelled,
                .authenticationFailed,
            ])
        #expect(harness.pool.inspect { $0.events[elsewhere]!.status } == .pending)
    }
}

private let mustBeStatus =
    "Status must be one of Pending, Processing, Succeeded, Failed, WaitingRetry, CriticalFailure, Cancelled, "
    + "AuthenticationFailed"

/// Calls from that many threads at once and waits for all of them.
func statusesOfConcurrentCalls(_ count: Int, _ call: @escaping @Sendable () -> Int) -> [Int] {
    final class Work: Sendable {
        let results = Mutex<[Int]>([])
        let call: @Sendable () -> Int
        init(_ call: @escaping @Sendable () -> Int) { self.call = call }
    }
    let work = Work(call)
    let threads = (0..<count).map { _ in
        var thread = pthread_t()
        // Released by the thread, which takes the retain over.
        pthread_create(&thread, nil, { context in
            let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
            let status = work.call()
            work.results.withLock { $0.append(status) }
            return nil
        }, Unmanaged.passRetained(work).toOpaque())
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
    return work.results.withLock { $0 }
}
