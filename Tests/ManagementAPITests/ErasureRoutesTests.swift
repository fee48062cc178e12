import Domain
import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

@Suite struct ErasureRoutesTests {
    private let harness = Harness()
    private let tenant: TestTenant
    private let destination: String

    init() {
        tenant = harness.makeTenant()
        destination = harness.makeDestination(tenant)["id"]!.text!
    }

    private func erase(_ id: EventID, _ body: JSONValue? = nil) -> HTTPResponse {
        harness.send("POST", "/api/v1/events/\(id)/erase", token: tenant.token, raw: body?.serialized())
    }

    @Test(arguments: EventStatus.allCases.filter(\.isFinal))
    func `A final event is emptied and says so`(status: EventStatus) {
        let id = harness.makeEvent(tenant, destination: destination, status, payload: #"{"name":"Ada"}"#, attempts: 2)
        let response = erase(id)
        #expect(response.status == 200)
        #expect(response.document["payload"] == "")
        #expect(response.document["isErased"] == true)
        #expect(response.document["idempotencyKey"] == .null)
        #expect(response.document["status"]?.text == status.name)
        #expect(response.document["attempts"] == 2)
        #expect(erase(id).status == 200)
        let replay = harness.send("POST", "/api/v1/events/\(id)/replay", token: tenant.token)
        #expect(replay.status == 400)
        #expect(replay.sentence == "the event has been erased, so there is nothing to replay")
    }

    @Test(arguments: [EventStatus.pending, .failed, .waitingRetry])
    func `An event that waits is erased only if it may be cancelled`(status: EventStatus) {
        let id = harness.makeEvent(tenant, destination: destination, status)
        for body in [nil, [:], ["cancelWaiting": false], ["cancelWaiting": .null]] as [JSONValue?] {
            #expect(erase(id, body).status == 400)
            #expect(erase(id, body).sentence == "status must be final to erase an event, unless cancelWaiting is true")
        }
        let response = erase(id, ["cancelWaiting": true])
        #expect(response.document["status"] == "Cancelled")
        #expect(response.document["isErased"] == true)
    }

    @Test func `An event that is being delivered is not erased`() {
        let id = harness.makeEvent(tenant, destination: destination, .processing)
        let response = erase(id, ["cancelWaiting": true])
        #expect(response.status == 400)
        #expect(response.sentence == "status must not be Processing: the event is being delivered at the moment")
        #expect(harness.pool.inspect { $0.events[id]!.isErased } == false)
    }

    @Test func `By key all of the tenant's events with it are erased, and nobody else's`() {
        let stranger = harness.makeTenant("Contoso")
        let foreign = harness.makeEvent(stranger, destination: destination, .succeeded)
        let ids = [EventStatus.succeeded, .cancelled, .pending].map {
            harness.makeEvent(tenant, destination: destination, $0)
        }
        func send(_ body: JSONValue) -> HTTPResponse {
            harness.send("POST", "/api/v1/events/erase", token: tenant.token, body)
        }
        #expect(send(["idempotencyKey": "order-18"]).text == #"{"erased":0,"unfinished":0}"#)
        #expect(send(["idempotencyKey": "order-17"]).text == #"{"erased":2,"unfinished":1}"#)
        #expect(send(["idempotencyKey": "order-17", "cancelWaiting": true]).text == #"{"erased":1,"unfinished":0}"#)
        #expect(harness.pool.inspect { store in ids.allSatisfy { store.events[$0]!.isErased } })
        #expect(harness.pool.inspect { $0.events[foreign]!.isErased } == false)
    }

    @Test(arguments: [
        ([:], "idempotencyKey is required"), (["idempotencyKey": 7], "idempotencyKey must be a string"),
        (["idempotencyKey": "a\nb"], "idempotencyKey must not contain control characters"),
        (
            ["idempotencyKey": .string(String(repeating: "k", count: 256))],
            "idempotencyKey must not be longer than 255 characters"
        ),
        (["idempotencyKey": "k", "cancelWaiting": "yes"], "cancelWaiting must be true or false"),
    ] as [(JSONValue, String)])
    func `What cannot be read is refused by name`(body: JSONValue, sentence: String) {
        let response = harness.send("POST", "/api/v1/events/erase", token: tenant.token, body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }
}
