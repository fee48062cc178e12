import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct LiveRoutesTests {
    let harness = Harness()

    @Test func `a ticket opens one stream, once and soon`() {
        let tenant = harness.makeTenant()
        let issued = harness.send("POST", "/api/v1/stream/ticket", token: tenant.token)
        #expect(issued.status == 200)
        let ticket = issued.document["ticket"]!.text!
        let opened = harness.send("GET", "/api/v1/stream?ticket=\(ticket)")
        #expect(opened.status == 200)
        #expect(opened.header("Content-Type") == "text/event-stream")
        #expect(opened.stream != nil)
        #expect(harness.send("GET", "/api/v1/stream?ticket=\(ticket)").status == 401)

        let late = harness.send("POST", "/api/v1/stream/ticket", token: tenant.token).document["ticket"]!.text!
        harness.clock.advance(by: .seconds(31))
        #expect(harness.send("GET", "/api/v1/stream?ticket=\(late)").status == 401)
        #expect(harness.send("GET", "/api/v1/stream?ticket=nonsense").status == 401)
        harness.api.stop()
    }

    @Test func `a ticket dies with what bought it`() {
        let tenant = harness.makeTenant()
        let user = harness.makeUser(of: tenant.id, .viewer, email: "viewer@example.com")
        harness.pool.inspect { try! $0.createUser(user) }
        let ticket = harness.send("POST", "/api/v1/stream/ticket", token: harness.accessToken(user))
            .document["ticket"]!.text!
        harness.pool.inspect { $0.users[user.id]?.status = .inactive }
        harness.clock.advance(by: .seconds(3))
        #expect(harness.send("GET", "/api/v1/stream?ticket=\(ticket)").status == 401)
    }

    @Test func `what is no position is refused by name`() {
        let tenant = harness.makeTenant()
        let header = harness.send(
            "GET", "/api/v1/stream", token: tenant.token, headers: [("Last-Event-ID", "soon")])
        #expect(header.status == 400)
        #expect(header.sentence == "Last-Event-ID must be the id of an event of this stream")
        let query = harness.send("GET", "/api/v1/stream?lastEventId=x-1", token: tenant.token)
        #expect(query.sentence == "lastEventId must be the id of an event of this stream")
    }

    @Test func `streams are limited and a stopping server takes none`() {
        let tenant = harness.makeTenant()
        let limit = Limits().streamsPerTenant
        for _ in 0..<limit {
            #expect(harness.send("GET", "/api/v1/stream", token: tenant.token).status == 200)
        }
        let refused = harness.send("GET", "/api/v1/stream", token: tenant.token)
        #expect(refused.status == 429)
        #expect(refused.header("Retry-After") == "5")
        #expect(harness.send("GET", "/api/v1/stream", token: harness.makeTenant("Contoso").token).status == 200)
        harness.api.stop()
        #expect(harness.send("GET", "/api/v1/stream", token: tenant.token).status == 503)
    }

    @Test func `notifications are listed, filtered and marked`() {
        let tenant = harness.makeTenant()
        let ids = (0..<3).map { _ in harness.makeNotification(tenant) }
        let unread = "/api/v1/notifications?read=false"
        #expect(harness.send("GET", unread, token: tenant.token).document["total"] == 3)
        let marked = harness.send("POST", "/api/v1/notifications/\(ids[0])/read", token: tenant.token)
        #expect(marked.document["id"] == .id(ids[0]))
        #expect(marked.document["readAt"]?.text != nil)
        #expect(harness.send("GET", unread, token: tenant.token).document["total"] == 2)
        #expect(
            harness.send("GET", "/api/v1/notifications?read=true", token: tenant.token).document["total"] == 1)
        #expect(harness.send("POST", "/api/v1/notifications/read-all", token: tenant.token).text == #"{"marked":2}"#)
        #expect(harness.send("GET", unread, token: tenant.token).document["total"] == 0)
        let wrong = harness.send("GET", "/api/v1/notifications?read=maybe", token: tenant.token)
        #expect(wrong.sentence == "read must be true or false")
    }

    @Test func `a summary counts what became of events`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        for status in [EventStatus.pending, .succeeded, .succeeded, .succeeded, .criticalFailure, .waitingRetry] {
            _ = harness.makeEvent(tenant, destination: destination, status, attempts: status == .pending ? 0 : 2)
        }
        let summary = harness.send("GET", "/api/v1/metrics/summary?ByDestination=true", token: tenant.token)
        #expect(summary.status == 200)
        let total = summary.document["total"]!.members!
        #expect(total["accepted"] == 6)
        #expect(total["byStatus"]?.members?["Pending"] == 1)
        #expect(total["byStatus"]?.members?["WaitingRetry"] == 1)
        #expect(total["successRate"] == .number("0.75"))
        #expect(total["attempts"] == 10)
        #expect(total["latencyMs"]?.members?["p50"] == 6)
        #expect(summary.document["destinations"]?.elements?.count == 1)
        #expect(summary.document["destinations"]?.elements?[0].members?["destinationId"] == .string(destination))
        let stranger = harness.makeTenant("Contoso")
        let foreign = harness.send(
            "GET", "/api/v1/metrics/summary?DestinationId=\(destination)", token: stranger.token)
        #expect(foreign.status == 403)
        let empty = harness.send("GET", "/api/v1/metrics/summary", token: stranger.token).document["total"]!.members!
        #expect(empty["successRate"] == .null)
        #expect(empty["latencyMs"] == .null)
    }

    @Test(arguments: [
        ("BucketSeconds=100", "BucketSeconds must be a multiple of 300, at most 2678400"),
        ("BucketSeconds=x", "BucketSeconds must be an integer"),
        ("From=2026-08-01T10:00:00Z&To=2026-08-01T09:00:00Z", "From must be before To"),
        (
            "From=2026-01-01T00:00:00Z&To=2026-08-01T00:00:00Z",
            "BucketSeconds must be longer: From to To may have at most 750 buckets"
        ),
        (
            "From=2026-07-20T00:00:00Z&To=2026-07-20T10:00:00Z&BucketSeconds=300",
            "BucketSeconds must be a multiple of 3600 when From is more than 26 hours ago"
        ),
        ("ByDestination=perhaps", "ByDestination must be true or false"),
    ])
    func `a period that cannot be summed up is refused`(_ query: String, _ sentence: String) {
        let tenant = harness.makeTenant()
        let response = harness.send("GET", "/api/v1/metrics/summary?\(query)", token: tenant.token)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `a period is widened to whole buckets`() {
        let tenant = harness.makeTenant()
        let response = harness.send(
            "GET", "/api/v1/metrics/summary?From=2026-08-01T07:31:00Z&To=2026-08-01T09:00:00Z", token: tenant.token)
        #expect(response.document["from"] == "2026-08-01T07:00:00.000Z")
        #expect(response.document["to"] == "2026-08-01T09:00:00.000Z")
    }
}
