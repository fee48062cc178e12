import Domain
import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

@Suite struct ReplayRoutesTests {
    let harness = Harness()
    let tenant: TestTenant
    let destination: String

    init() {
        tenant = harness.makeTenant()
        destination = harness.makeDestination(tenant)["id"]!.text!
    }

    private func create(_ body: JSONValue) -> HTTPResponse {
        harness.send("POST", "/api/v1/replays", token: tenant.token, body)
    }

    @Test func `A replay shows its filter, its rate and its progress`() {
        let event = harness.makeEvent(tenant, destination: destination, .criticalFailure)
        let response = create([
            "destinationId": .string(destination), "from": "2026-08-01", "ids": [.string("\(event)")],
            "status": ["criticalfailure", 7], "ratePerSecond": 5,
        ])
        let id = response.document["id"]!.text!
        #expect(response.status == 201 && response.header("Location") == "/api/v1/replays/\(id)")
        #expect(
            response.text
                == #"{"id":"\#(id)","tenantId":"\#(tenant.id)","status":"Running","filter":{"status":["#
                + #""CriticalFailure","AuthenticationFailed"],"destinationId":"\#(destination)","#
                + #""from":"2026-08-01T00:00:00.000Z","to":"2026-08-01T09:00:00.000Z","idCount":1},"#
                + #""ratePerSecond":5,"matched":1,"matchedIsExact":true,"replayed":0,"skipped":0,"#
                + #""createdBy":"\#(tenant.owner.id)","createdAt":"2026-08-01T09:00:00.000Z","#
                + #""updatedAt":"2026-08-01T09:00:00.000Z","finishedAt":null}"#)
        #expect(harness.send("GET", "/api/v1/replays/\(id)", token: tenant.token).text == response.text)
    }

    @Test func `A dry run counts and makes nothing`() {
        for status in EventStatus.allCases { _ = harness.makeEvent(tenant, destination: destination, status) }
        #expect(create(["dryRun": true]).text == #"{"dryRun":true,"matched":2,"matchedIsExact":true}"#)
        #expect(create(["dryRun": true, "status": "5"]).document["matched"] == 1)
        #expect(harness.send("GET", "/api/v1/replays", token: tenant.token).document["total"] == 0)
    }

    private static let unreadable: [(JSONValue, String)] = [
        (["status": "Succeeded"], "status must be CriticalFailure, AuthenticationFailed or an array of them"),
        (["status": []], "status must not be an empty array"), (["destinationId": "7"], "destinationId must be a UUID"),
        (["from": "yesterday"], "from must be an ISO 8601 date or time"),
        (["ids": []], "ids must have 1 to 1000 elements"), (["ids": ["x"]], "ids[0] must be a UUID"),
        (["ratePerSecond": 0], "ratePerSecond must be from 1 to 1000"),
        (["ratePerSecond": 1_001], "ratePerSecond must be from 1 to 1000"),
        (["dryRun": 1], "dryRun must be true or false"),
    ]

    @Test(arguments: unreadable)
    func `A filter that cannot be read is 400 and says which`(body: JSONValue, sentence: String) {
        let response = create(body)
        #expect(response.status == 400 && response.sentence == sentence)
    }

    @Test func `A replay is paused, resumed and cancelled, and then stays so`() {
        let id = create([:]).document["id"]!.text!
        func move(_ what: String) -> HTTPResponse {
            harness.send("POST", "/api/v1/replays/\(id)/\(what)", token: tenant.token)
        }
        #expect(move("pause").document["status"] == "Paused")
        #expect(move("resume").document["status"] == "Running")
        let cancelled = move("cancel").document
        #expect(cancelled["status"] == "Cancelled" && cancelled["finishedAt"] != .null)
        for what in ["pause", "resume", "cancel"] {
            #expect(move(what).status == 409 && move(what).sentence == "the replay is finished")
        }
        let listed = harness.send("GET", "/api/v1/replays?Status=Cancelled", token: tenant.token)
        #expect(listed.document["total"] == 1)
    }

    @Test func `A tenant has a bounded number of replays under way`() {
        for _ in 0..<10 { #expect(create([:]).status == 201) }
        let refused = create([:])
        #expect(refused.status == 409 && refused.sentence == "a tenant may have 10 replays that are not finished")
    }
}
