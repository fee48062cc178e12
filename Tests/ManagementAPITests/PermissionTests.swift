import Domain
import Testing

@testable import ManagementAPI

@Suite struct PermissionTests {
    /// What anyone may call, without a token. To open a route is a decision, so it is made here as well.
    private static let open: Set = [
        "POST /api/v1/auth/login", "POST /api/v1/auth/refresh", "POST /api/v1/tenants",
        "POST /api/v1/invites/{token}/register", "GET /health", "GET /health/ready", "GET /metrics",
        "GET /openapi.json", "GET /swagger/v1/swagger.json", "GET /docs",
    ]

    @Test func `Every route that is served has a role`() {
        let documented = DocumentedGroup.all.flatMap(\.routes)
        for route in Harness().api.routes {
            let name = "\(route.method) \(route.pattern)"
            guard let access = documented.first(where: { "\($0.method) \($0.path)" == name })?.access else {
                Issue.record("\(name) has no role: document it in its DocumentedGroup with .token(operation)")
                continue
            }
            if case .anyone = access {
                #expect(Self.open.contains(name), "\(name) is open to anyone: if that is meant, name it in `open`")
            }
        }
    }

    @Test func `Every row that a route names is in the fixture`() {
        let ids = Fixture().ids
        for route in TokenRoute.all {
            for match in route.path.matches(of: /\{(.*?)\}/) {
                #expect(
                    ids[String(match.1)] != nil,
                    "\(route.testDescription) names a row of a new kind: add it to TokenRoute.rows and Fixture.ids")
            }
        }
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
            $0.method != "GET" && ![.logOut, .verifySignature, .readStream].contains($0.operation)
        }
        #expect(changing.count >= 19)
        #expect(changing.allSatisfy { !$0.operation.roles.contains(.viewer) })
        for operation in [Operation.changeTenant, .purgeQueue, .manageUsers, .manageInvites] {
            #expect(operation.roles == [.admin, .owner])
        }
        #expect(Operation.allCases.allSatisfy { $0.roles.isSuperset(of: [.admin, .owner]) })
    }
}
