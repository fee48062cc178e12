import Crypto
import Domain
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct FaultTests {
    static let open: [TokenRoute] = [
        TokenRoute("POST", "/auth/login", .logOut, ["email": "a@b", "password": "p"]),
        TokenRoute("POST", "/auth/refresh", .logOut, ["refreshToken": "r"]),
        TokenRoute("POST", "/tenants", .logOut, ["name": "n", "ownerEmail": "a@b", "ownerPassword": "p"]),
    ]

    @Test(arguments: TokenRoute.all + open)
    func `A store that is away is 503 with a hint to come back`(route: TokenRoute) {
        let fixture = Fixture()
        fixture.harness.clock.advance(by: .seconds(10))
        fixture.harness.pool.fail(with: .unavailable("server closed the connection: host=10.1.1.1"))
        let response = fixture.call(route, token: fixture.tenant.token)
        #expect(response.status == 503)
        #expect(response.header("Retry-After") == "1")
        #expect(response.header("Content-Type") == "application/problem+json; charset=utf-8")
        #expect(response.document["status"] == 503)
        #expect(!response.text.contains("10.1.1.1"))
    }

    @Test(arguments: [
        StoreError.rejected(sqlState: "42P01", "relation events does not exist"),
        .conflict(constraint: "some_other_rule"),
    ])
    func `Any other fault is 500 with the request's id and nothing of the cause`(error: StoreError) {
        let harness = Harness()
        let tenant = harness.makeTenant()
        harness.pool.fail(with: error)
        let response = harness.send("GET", "/api/v1/events", token: tenant.token)
        #expect(response.status == 500)
        #expect(
            response.text
                == #"{"title":"Internal Server Error","status":500,"#
                + #""detail":"The request could not be carried out; the log has the reason.","requestId":"request-1"}"#)
    }

    @Test func `Every route has the limit for bodies of management requests`() {
        let harness = Harness()
        #expect(harness.api.routes.allSatisfy { $0.bodyLimit == Limits().managementBodyBytes })
    }

    @Test(arguments: [true, false])
    func `What was read of a session while it ended is not kept`(byDenial: Bool) throws {
        let cache = SessionCache()
        let now = Timestamp(seconds: 1_000)
        let token: AccessTokenID = ID(high: 1, low: 2)
        let user = UserID(high: 1, low: 1)
        let good = SessionCache.Standing(isGood: true, user: user, until: now + .seconds(2))
        _ = try cache.standing(of: token, at: now) {
            if byDenial {
                cache.deny(token, of: user, until: now + .seconds(900), at: now)
            } else {
                cache.forget(user)
            }
            return good
        }
        var asked = false
        let standing = try cache.standing(of: token, at: now) {
            asked = true
            return good
        }
        #expect(standing.isGood == !byDenial)
        #expect(asked == !byDenial)
    }

    @Test func `The session cache forgets when it is full, never what a logout denied on the way out`() throws {
        let cache = SessionCache()
        let now = Timestamp(seconds: 1_000)
        let user = UserID(high: 1, low: 1)
        for number in 0..<10_050 {
            let standing = try cache.standing(of: ID(high: 0, low: UInt64(number)), at: now) {
                SessionCache.Standing(isGood: true, user: user, until: now + .seconds(2))
            }
            #expect(standing.isGood)
        }
        cache.deny(ID(high: 0, low: 5), of: user, until: now + .seconds(900), at: now)
        let denied = try cache.standing(of: ID(high: 0, low: 5), at: now + .seconds(60)) {
            SessionCache.Standing(isGood: true, user: user, until: now)
        }
        #expect(!denied.isGood)
        cache.forget(user)
        var asked = false
        _ = try cache.standing(of: ID(high: 0, low: 7), at: now) {
            asked = true
            return SessionCache.Standing(isGood: true, user: user, until: now)
        }
        #expect(asked)
    }
}
