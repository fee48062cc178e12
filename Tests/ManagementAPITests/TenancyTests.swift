import Domain
import JSON
import Testing

@testable import ManagementAPI

@Suite struct TenancyTests {
    @Test(arguments: TokenRoute.all.filter(\.namesARow))
    func `A row of another tenant is 403 and an unknown one 404, with no byte of it`(route: TokenRoute) {
        let fixture = Fixture()
        let stranger = fixture.harness.makeTenant("Contoso")
        let before = fixture.snapshot()

        let foreign = fixture.call(route, token: stranger.token)
        #expect(foreign.status == 403)
        #expect(foreign.body.isEmpty)

        let unknownID = "\(fixture.harness.api.newID(of: Event.self))"
        let unknown = fixture.call(route, token: stranger.token, ids: fixture.ids.mapValues { _ in unknownID })
        // A tenant's own path is compared before anything is read.
        #expect(unknown.status == (route.path.contains("{tenant}") ? 403 : 404))
        #expect(fixture.snapshot() == before)
    }

    @Test(arguments: ["/apikeys", "/destinations", "/senders", "/events", "/invites", "/notifications"])
    func `Lists hold the caller's rows alone`(path: String) {
        let fixture = Fixture()
        let stranger = fixture.harness.makeTenant("Contoso")
        let response = fixture.harness.send("GET", "/api/v1\(path)", token: stranger.token)
        #expect(response.document["total"] == 0)
        #expect(response.document["items"] == [])
        let own = fixture.harness.send("GET", "/api/v1\(path)", token: fixture.tenant.token)
        #expect(own.document["total"] == 1)
    }

    @Test func `The list of users holds the caller's people alone`() {
        let fixture = Fixture()
        let stranger = fixture.harness.makeTenant("Contoso")
        let response = fixture.harness.send("GET", "/api/v1/users?Qt=200", token: stranger.token)
        #expect(response.document["total"] == 1)
        #expect(!response.text.contains("northwind"))
    }

    @Test func `An event filter on another tenant's destination finds nothing`() {
        let fixture = Fixture()
        let stranger = fixture.harness.makeTenant("Contoso")
        let response = fixture.harness.send(
            "GET", "/api/v1/events?DestinationUrlId=\(fixture.ids["destination"]!)", token: stranger.token)
        #expect(response.text == #"{"total":0,"items":[],"nextCursor":null}"#)
    }
}

extension Fixture {
    /// What a stranger must not be able to change.
    func snapshot() -> [String] {
        harness.pool.inspect { store in
            var lines: [String] = ["\(store.tenants[tenant.id]!)", "\(store.secrets[tenant.id]!)"]
            lines += store.users.values.filter { $0.tenantID == tenant.id }.map { "\($0)" }
            lines += store.invites.values.map { "\($0)" }
            lines += store.keys.values.map { "\($0)" }
            lines += store.destinations.values.map { "\($0.record.serverRateLimit) \($0.hash)" }
            lines += store.senders.values.map { "\($0)" }
            lines += store.events.values.map { "\($0)" }
            lines += store.notifications.values.map { "\($0)" }
            return lines.sorted()
        }
    }
}
