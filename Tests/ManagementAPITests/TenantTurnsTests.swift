import Domain
import HTTPServer
import Testing

@testable import ManagementAPI

@Suite struct TenantTurnsTests {
    @Test func `a tenant has its share and leaves the rest to others`() throws {
        let turns = TenantTurns(most: 2)
        let (one, other) = (TenantID(high: 1, low: 1), TenantID(high: 1, low: 2))
        #expect(turns.begin(one) && turns.begin(one) && !turns.begin(one))
        #expect(turns.begin(other))
        turns.end(one)
        #expect(turns.begin(one) && !turns.begin(one))
        turns.end(one)
        turns.end(one)
        turns.end(other)
        #expect(turns.begin(one) && turns.begin(one) && !turns.begin(one))
    }

    @Test func `health and metrics are answered without a thread of the pool`() {
        let routes = Harness().api.healthRoutes
        #expect(routes.map(\.pattern) == ["/health", "/health/ready", "/metrics"])
        for route in routes {
            guard case .inline = route.handler else {
                Issue.record("\(route.pattern) waits for a thread")
                continue
            }
        }
    }
}
