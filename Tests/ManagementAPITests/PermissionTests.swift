import Domain
import Testing

@testable import ManagementAPI

@Suite struct PermissionTests {
    @Test func `The table of routes names every route that needs a token`() {
        let open: Set = [
            "POST /api/v1/auth/login", "POST /api/v1/auth/refresh", "POST /api/v1/tenants",
            "POST /api/v1/invites/*/register", "GET /health", "GET /health/ready", "GET /metrics", "GET /openapi.json",
            "GET /swagger/v1/swagger.json",
        ]
        let served = Harness().api.routes.map { route in
            let segments = route.pattern.split(separator: "/").map { $0.hasPrefix("{") ? "*" : $0 }
            return "\(route.method) /\(segments.joined(separator: "/"))"
        }
        let tested = TokenRoute.all.map { route in
            let segments = route.path.split(separator: "/").map { $0.hasPrefix("{") ? "*" : $0 }
            return "\(route.method) /\(segments.joined(separator: "/"))"
        }
        #expect(Set(served) == Set(tested).union(open))
        #expect(served.count == Set(served).count)
    }

    @Test(arguments: TokenRoute.all)
    func `No token, a broken one and one of another key are 401 with an empty body`(route: TokenRoute) {
        let fixture = Fixture()
        for token in [nil, "", "nonsense", fixture.tenant.token + "x", String(fixture.tenant.token.dropLast(4))] {
            let response = fixture.call(route, token: token)
            #expect(response.status == 401)
            #expect(response.body.isEmpty)
            #expect(response.header("WWW-Authenticate") == nil)
        }
    }

    @Test(arguments: TokenRoute.all, UserRole.allCases)
    func `A role may do what its operations say and nothing else`(route: TokenRoute, role: UserRole) {
        let fixture = Fixture()
        let response = fixture.call(route, token: fixture.harness.member(of: fixture.tenant, role))
        if route.operation.roles.contains(role) {
            // Logging out with a refresh token that nobody has is refused, but not for the role's sake.
            #expect(route.operation == .logOut ? response.status == 401 : (200...204).contains(response.status))
        } else {
            #expect(response.status == 403)
            #expect(response.body.isEmpty)
        }
    }

    @Test func `A Viewer changes nothing and only Admin and Owner decide about the tenant`() {
        let changing = TokenRoute.all.filter {
            $0.method != "GET" && ![.logOut, .verifySignature].contains($0.operation)
        }
        #expect(changing.count == 18)
        #expect(changing.allSatisfy { !$0.operation.roles.contains(.viewer) })
        for operation in [Operation.changeTenant, .purgeQueue, .manageUsers, .manageInvites] {
            #expect(operation.roles == [.admin, .owner])
        }
        #expect(Operation.allCases.allSatisfy { $0.roles.isSuperset(of: [.admin, .owner]) })
    }
}
