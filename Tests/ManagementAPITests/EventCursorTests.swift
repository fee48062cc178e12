import Domain
import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

/// Lists of events that are longer than pages can lead through.
@Suite struct EventCursorTests {
    private let harness = Harness(limits: { limits in
        limits.listTotalExact = 8
        limits.listRowsSkipped = 6
    })
    private let tenant: TestTenant
    private let destination: String

    init() {
        tenant = harness.makeTenant()
        destination = harness.makeDestination(tenant)["id"]!.text!
    }

    private func makeEvents(_ count: Int) -> [String] {
        (0..<count).map { _ in
            harness.clock.advance(by: .milliseconds(10))
            return "\(harness.makeEvent(tenant, destination: destination))"
        }
    }

    private func list(_ query: String) -> HTTPResponse {
        harness.send("GET", "/api/v1/events?\(query)", token: harness.accessToken(tenant.owner))
    }

    private func ids(_ response: HTTPResponse) -> [String] {
        response.document["items"]?.elements?.compactMap { $0.members?["id"]?.text } ?? []
    }

    @Test(arguments: ["Desc", "Asc"])
    func `The cursor leads through the list and ends with it`(direction: String) {
        let made = makeEvents(7)
        let query = "Qt=3&TpOrd=\(direction)"
        let first = list(query)
        let second = list("\(query)&Pg=1&After=\(first.document["nextCursor"]!.text!)")
        let third = list("\(query)&After=\(second.document["nextCursor"]!.text!)")
        #expect([first, second, third].flatMap(ids) == (direction == "Asc" ? made : made.reversed()))
        #expect(third.document["nextCursor"] == .null)
        #expect(third.header("Link") == nil)
        #expect(second.document["total"] == 7)
        let next = "\(query)&After=\(first.document["nextCursor"]!.text!)"
        #expect(first.header("Link") == "</api/v1/events?\(next)>; rel=\"next\"")
    }

    @Test func `A page whose payloads are too much together is refused, and can be had in parts`() {
        let harness = Harness(limits: { $0.listPayloadBytes = 100 })
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let payload = String(repeating: "x", count: 48)
        for _ in 0..<3 { _ = harness.makeEvent(tenant, destination: destination, payload: "{\"\(payload)") }
        let refused = harness.send("GET", "/api/v1/events?Qt=3", token: tenant.token)
        #expect(refused.status == 400)
        #expect(
            refused.sentence == "Qt must be less where the payloads of a page have more than 100 bytes together, "
                + "and these have 150; ask for fewer with Qt")
        #expect(harness.send("GET", "/api/v1/events?Qt=2", token: tenant.token).status == 200)
        _ = harness.makeEvent(tenant, destination: destination, payload: String(repeating: "x", count: 200))
        for page in 1...4 {
            #expect(harness.send("GET", "/api/v1/events?Qt=1&Pg=\(page)", token: tenant.token).status == 200)
        }
    }

    @Test func `The link repeats the filters, escaped`() {
        _ = makeEvents(3)
        let response = list("Qt=2&From=2026-08-01T08:00:00+00:00&Pg=1&Status=Pending")
        let link = response.header("Link") ?? ""
        #expect(link.hasPrefix("</api/v1/events?Qt=2&From=2026-08-01T08%3A00%3A00%2B00%3A00&Status=Pending&After="))
    }

    @Test func `A cursor of another list, direction, filter or tenant is refused, and so is a made-up one`() {
        _ = makeEvents(5)
        let cursor = list("Qt=2").document["nextCursor"]!.text!
        let sentence = "After must be the nextCursor of this list, with the same filters and direction"
        for query in [
            "TpOrd=Asc&After=\(cursor)", "Status=Pending&After=\(cursor)", "From=2026-08-01&After=\(cursor)",
            "DestinationUrlId=\(destination)&After=\(cursor)", "After=\(cursor.dropLast())", "After=\(cursor)A",
            "After=nonsense", "After=\(harness.api.newID(of: Event.self))", "After=%00",
        ] {
            #expect(list(query).status == 400, "\(query)")
            #expect(list(query).sentence == sentence, "\(query)")
        }
        let stranger = harness.makeTenant("Contoso")
        let foreign = harness.send("GET", "/api/v1/events?After=\(cursor)", token: stranger.token)
        #expect(foreign.sentence == sentence)
        #expect(list("Qt=4&After=\(cursor)").status == 200)
    }

    @Test func `A cursor goes with the order of acceptance and without a page`() {
        _ = makeEvents(5)
        let cursor = list("Qt=2").document["nextCursor"]!.text!
        #expect(list("CpOrd=id&After=\(cursor)").status == 200)
        #expect(list("CpOrd=status&After=\(cursor)").sentence == "After goes with CpOrd acceptedAt or id")
        #expect(list("Qt=2&Pg=2&After=\(cursor)").sentence == "Pg must be 1 or left out with After")
        #expect(list("CpOrd=status&Qt=2").document["nextCursor"] == .null)
    }

    @Test func `A total beyond the bound is marked, and other orders are refused there`() {
        _ = makeEvents(8)
        #expect(list("Qt=1").header("X-Total-Estimated") == nil)
        #expect(list("CpOrd=status").status == 200)
        _ = makeEvents(1)
        #expect(list("Qt=1").header("X-Total-Estimated") == "true")
        #expect(
            list("CpOrd=status").sentence
                == "CpOrd must be acceptedAt or id where more than 8 events match; narrow the list with From and To")
        #expect(list("CpOrd=status&Status=Succeeded").status == 200)
    }

    @Test func `A page that skips more rows than the limit is refused`() {
        _ = makeEvents(8)
        #expect(ids(list("Qt=2&Pg=4")).count == 2)
        #expect(list("Qt=2&Pg=5").sentence == "Pg must not skip more than 6 rows")
    }
}
