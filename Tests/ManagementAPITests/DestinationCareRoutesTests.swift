import Domain
import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

@Suite struct DestinationCareRoutesTests {
    let harness = Harness()
    let tenant: TestTenant
    let destination: String

    init() {
        tenant = harness.makeTenant()
        destination = harness.makeDestination(tenant)["id"]!.text!
    }

    private func send(_ method: String, _ path: String, token: String? = nil) -> HTTPResponse {
        harness.send(method, "/api/v1" + path, token: token ?? tenant.token)
    }

    @Test func `A pause is shown with the time it began, and ends`() {
        let paused = send("POST", "/destinations/\(destination)/pause").document
        #expect(paused["paused"] == true && paused["pausedAt"] == "2026-08-01T09:00:00.000Z")
        #expect(paused["status"] == "Active")
        harness.clock.advance(by: .seconds(60))
        let again = send("POST", "/destinations/\(destination)/pause").document
        #expect(again["pausedAt"] == "2026-08-01T09:00:00.000Z")
        // Changing the settings does not end it.
        let changed = harness.send(
            "PATCH", "/api/v1/destinations/\(destination)", token: tenant.token, ["serverRateLimit": 7])
        #expect(changed.document["paused"] == true)
        let resumed = send("POST", "/destinations/\(destination)/resume").document
        #expect(resumed["paused"] == false && resumed["pausedAt"] == .null)
    }

    @Test func `A destination for which events wait is deleted only if they may be cancelled`() {
        let waiting = harness.makeEvent(tenant, destination: destination, .waitingRetry)
        let refused = send("DELETE", "/destinations/\(destination)")
        #expect(refused.status == 409 && refused.sentence?.contains("cancel=true") == true)
        #expect(send("GET", "/destinations/\(destination)").status == 200)
        let malformed = send("DELETE", "/destinations/\(destination)?cancel=perhaps")
        #expect(malformed.status == 400 && malformed.sentence == "cancel must be true or false")

        let deleted = send("DELETE", "/destinations/\(destination)?cancel=true")
        #expect(deleted.status == 204 && deleted.body.isEmpty)
        #expect(send("GET", "/destinations/\(destination)").status == 404)
        #expect(send("GET", "/events/\(waiting)").document["status"] == "Cancelled")
    }

    @Test func `Who may not purge may not delete with cancelling either`() {
        _ = harness.makeEvent(tenant, destination: destination, .waitingRetry)
        let developer = harness.member(of: tenant, .developer)
        #expect(send("DELETE", "/destinations/\(destination)?cancel=true", token: developer).status == 403)
        #expect(send("DELETE", "/destinations/\(destination)", token: developer).status == 409)
        #expect(send("DELETE", "/queues/\(destination)").status == 204)
        #expect(send("DELETE", "/destinations/\(destination)", token: developer).status == 204)
    }

    @Test func `An event whose destination is gone cannot be replayed`() {
        let event = harness.makeEvent(tenant, destination: destination, .criticalFailure)
        #expect(send("DELETE", "/destinations/\(destination)").status == 204)
        let refused = send("POST", "/events/\(event)/replay")
        #expect(refused.status == 409 && refused.sentence == "the destination of this event was deleted")
    }

    @Test func `A purge of everything says how much it cancelled`() {
        let other = harness.makeDestination(tenant)["id"]!.text!
        let stranger = harness.makeTenant("Contoso")
        let theirs = harness.makeEvent(stranger, destination: harness.makeDestination(stranger)["id"]!.text!)
        for status in EventStatus.allCases { _ = harness.makeEvent(tenant, destination: destination, status) }
        _ = harness.makeEvent(tenant, destination: other, .waitingRetry)
        #expect(send("POST", "/events/purge").text == #"{"cancelled":4}"#)
        #expect(send("POST", "/events/purge").text == #"{"cancelled":0}"#)
        #expect(send("GET", "/events?Status=Cancelled").document["total"] == 5)
        #expect(harness.pool.inspect { $0.events[theirs]!.status } == .pending)
    }

    @Test func `A sender's label and mapping change apart from one another, and null removes`() {
        let sender = harness.makeSender(tenant, destination: destination)["id"]!.text!
        func patch(_ body: JSONValue) -> HTTPResponse {
            harness.send("PATCH", "/api/v1/senders/\(sender)", token: tenant.token, body)
        }
        #expect(patch(["mapping": ["id": "order"]]).document["hasMapping"] == true)
        let renamed = patch(["Label": "accounts"]).document
        #expect(renamed["label"] == "accounts" && renamed["hasMapping"] == true)
        #expect(send("GET", "/senders/\(sender)/mapping").text == #"{"mapping":{"id":"order"}}"#)
        let cleared = patch(["label": .null, "mapping": .null]).document
        #expect(cleared["label"] == .null && cleared["hasMapping"] == false)
        for (body, sentence) in [
            (JSONValue.object(["label": 7]), "label must be a string"),
            (["label": .string(String(repeating: "x", count: 256))], "label must not be longer than 255 characters"),
            (["mapping": "order"], "mapping must be a JSON object"),
        ] {
            let refused = patch(body)
            #expect(refused.status == 400 && refused.sentence == sentence)
        }
    }

    @Test func `Senders are listed for the tenant and for one destination`() {
        let other = harness.makeDestination(tenant)["id"]!.text!
        for destination in [destination, destination, other] {
            _ = harness.makeSender(tenant, destination: destination)
        }
        #expect(send("GET", "/senders").document["total"] == 3)
        #expect(send("GET", "/senders?destinationId=\(other)&Qt=1").document["total"] == 1)
        #expect(send("GET", "/senders?DestinationId=7").sentence == "DestinationId must be a UUID")
    }

    @Test func `A revoked invite is of no use, and a used one cannot be revoked`() {
        func invite() -> JSONObject {
            harness.send("POST", "/api/v1/invites", token: tenant.token, [:]).document
        }
        let revoked = invite()
        #expect(send("DELETE", "/invites/\(revoked["id"]!.text!)").status == 204)
        #expect(send("DELETE", "/invites/\(revoked["id"]!.text!)").status == 404)
        let register: JSONValue = ["email": "new@x", "password": "p"]
        #expect(harness.send("POST", "/api/v1/invites/\(revoked["token"]!.text!)/register", register).status == 404)
        let used = invite()
        #expect(harness.send("POST", "/api/v1/invites/\(used["token"]!.text!)/register", register).status == 201)
        let refused = send("DELETE", "/invites/\(used["id"]!.text!)")
        #expect(refused.status == 409 && refused.sentence == "the invite has been used")
    }
}
