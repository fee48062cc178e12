import Crypto
import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct AuthRoutesTests {
    private func logIn(
        _ harness: Harness, _ email: String = "owner@northwind.example", _ password: String = Harness.password,
        from address: String = "203.0.113.7"
    ) -> HTTPResponse {
        harness.send(
            "POST", "/api/v1/auth/login", ["email": .string(email), "password": .string(password)], from: address)
    }

    private func refresh(_ harness: Harness, _ token: String) -> HTTPResponse {
        harness.send("POST", "/api/v1/auth/refresh", ["refreshToken": .string(token)])
    }

    @Test func `A login gives an access token for fifteen minutes and a refresh token for seven days`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let response = logIn(harness, "  OWNER@Northwind.example ")
        #expect(response.status == 200)
        #expect(response.document.members.map(\.name) == ["accessToken", "expiresIn", "refreshToken", "expiresAt"])
        #expect(response.document["expiresIn"] == 900)
        #expect(response.document["expiresAt"] == "2026-08-08T09:00:00.000Z")
        #expect(response.document["refreshToken"]?.text?.count == 43)
        let token = try #require(response.document["accessToken"]?.text)
        let claims = try #require(harness.tokens.verify(token, now: harness.clock.now))
        #expect(claims.userID == tenant.owner.id)
        #expect(claims.tenantID == tenant.id)
        #expect(claims.role == .owner)
        #expect(claims.expiresAt == harness.clock.now + .seconds(900))
        #expect(harness.send("GET", "/api/v1/tenants/\(tenant.id)", token: token).status == 200)
        harness.clock.advance(by: .seconds(901))
        #expect(harness.send("GET", "/api/v1/tenants/\(tenant.id)", token: token).status == 401)
    }

    /// What changes while the password is looked at.
    @Test func `A login under way gets the role of now, and nothing for a password that has been changed`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let owner = tenant.owner.id
        harness.pool.inspect { store in store.beforeRefreshToken = { $0.users[owner]?.role = .viewer } }
        let token = try #require(logIn(harness).document["accessToken"]?.text)
        #expect(harness.tokens.verify(token, now: harness.clock.now)?.role == .viewer)
        harness.pool.inspect { store in store.beforeRefreshToken = { $0.users[owner]?.passwordHash += "x" } }
        #expect(logIn(harness).status == 401)
    }

    @Test(arguments: [
        (["password": "p"], "email is required"),
        (["email": "a@b"], "password is required"),
        (["email": " ", "password": "p"], "email must not be blank"),
        (["email": "a@b", "password": ""], "password must not be blank"),
        (["email": "a@b\r", "password": "p"], "email must not contain control characters"),
        (["email": .string(String(repeating: "e", count: 256)), "password": "p"],
            "email must not be longer than 255 characters"),
        (["email": ["a"], "password": "p"], "email must be a string"),
    ] as [(JSONValue, String)])
    func `Every broken rule of a login is 400 and says which`(body: JSONValue, sentence: String) {
        let response = Harness().send("POST", "/api/v1/auth/login", body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `Unknown e-mail, wrong password, inactive user and a user without a password look the same`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        var inactive = harness.makeUser(of: tenant.id, .admin, email: "inactive@x")
        inactive.status = .inactive
        var passwordless = harness.makeUser(of: tenant.id, .admin, email: "passwordless@x")
        passwordless.passwordHash = ""
        harness.pool.inspect { [inactive, passwordless] store in
            store.users[inactive.id] = inactive
            store.users[passwordless.id] = passwordless
        }
        let answers = [
            logIn(harness, "nobody@x"), logIn(harness, "owner@northwind.example", "wrong"),
            logIn(harness, "inactive@x"), logIn(harness, "passwordless@x"), logIn(harness, "no at sign"),
        ]
        for answer in answers {
            #expect(answer.status == 401)
            #expect(answer.body.isEmpty)
        }
    }

    @Test(arguments: ["owner@northwind.example", "nobody@x.example"])
    func `The eleventh failure for one e-mail is refused, whether the e-mail exists or not`(email: String) {
        let harness = Harness()
        _ = harness.makeTenant()
        for number in 1...10 {
            #expect(logIn(harness, email, "wrong", from: "198.51.100.\(number)").status == 401)
        }
        harness.clock.advance(by: .milliseconds(100_500))
        let refused = logIn(harness, email, from: "198.51.100.99")
        #expect(refused.status == 429)
        #expect(refused.sentence == "too many failed logins; please try again later")
        #expect(refused.header("Retry-After") == "200")
        harness.clock.advance(by: .seconds(200))
        #expect(logIn(harness, email, from: "198.51.100.99").status == (email.hasPrefix("owner") ? 200 : 401))
    }

    @Test func `The eleventh failure from one address is refused, for any e-mail`() {
        let harness = Harness()
        _ = harness.makeTenant()
        for number in 1...10 { #expect(logIn(harness, "\(number)@x", "wrong").status == 401) }
        #expect(logIn(harness).status == 429)
        #expect(logIn(harness, from: "203.0.113.8").status == 200)
    }

    @Test func `An address that is refused counts against nobody's e-mail any more`() {
        let harness = Harness()
        _ = harness.makeTenant()
        for number in 1...10 { #expect(logIn(harness, "\(number)@x", "wrong").status == 401) }
        for number in 11...40 {
            #expect(logIn(harness, "owner@northwind.example", "wrong").status == 429)
            #expect(logIn(harness, "\(number)@x", "wrong").status == 429)
        }
        #expect(harness.pool.inspect { $0.counters.count } == 11)
        #expect(logIn(harness, from: "203.0.113.8").status == 200)
    }

    @Test func `Logins that arrive together are counted one by one`() {
        let harness = Harness()
        _ = harness.makeTenant()
        let statuses = statusesOfConcurrentCalls(24) {
            harness.send("POST", "/api/v1/auth/login", ["email": "owner@northwind.example", "password": "wrong"]).status
        }
        #expect(statuses.filter { $0 == 401 }.count == 10)
        #expect(statuses.filter { $0 == 429 }.count == 14)
    }

    @Test func `A success clears both counters`() {
        let harness = Harness()
        _ = harness.makeTenant()
        for _ in 1...3 {
            for _ in 1...9 { #expect(logIn(harness, "owner@northwind.example", "wrong").status == 401) }
            #expect(logIn(harness).status == 200)
        }
        #expect(harness.pool.inspect { $0.counters.isEmpty })
    }

    @Test func `A refresh token works once and its successor goes on`() throws {
        let harness = Harness()
        _ = harness.makeTenant()
        let first = try #require(logIn(harness).document["refreshToken"]?.text)
        let renewed = refresh(harness, first)
        #expect(renewed.status == 200)
        let second = try #require(renewed.document["refreshToken"]?.text)
        #expect(second != first)
        #expect(refresh(harness, second).status == 200)
        #expect(harness.pool.inspect { $0.refreshTokens.keys.allSatisfy { $0.count == 32 } })
    }

    @Test func `Using a refresh token twice ends the whole session`() throws {
        let harness = Harness()
        _ = harness.makeTenant()
        let other = try #require(logIn(harness).document["refreshToken"]?.text)
        let first = try #require(logIn(harness).document["refreshToken"]?.text)
        let second = try #require(refresh(harness, first).document["refreshToken"]?.text)
        let reused = refresh(harness, first)
        #expect(reused.status == 401)
        #expect(reused.body.isEmpty)
        #expect(refresh(harness, second).status == 401)
        #expect(refresh(harness, other).status == 200)
    }

    @Test func `A refresh gives the role that the user has now, and nothing to inactive or deleted users`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let first = try #require(logIn(harness).document["refreshToken"]?.text)
        harness.pool.inspect { $0.users[tenant.owner.id]?.role = .viewer }
        let renewed = refresh(harness, first)
        let claims = harness.tokens.verify(renewed.document["accessToken"]!.text!, now: harness.clock.now)
        #expect(claims?.role == .viewer)
        harness.pool.inspect { $0.users[tenant.owner.id]?.status = .inactive }
        #expect(refresh(harness, renewed.document["refreshToken"]!.text!).status == 401)
    }

    @Test func `A refresh token dies after seven days`() throws {
        let harness = Harness()
        _ = harness.makeTenant()
        let token = try #require(logIn(harness).document["refreshToken"]?.text)
        harness.clock.advance(by: .seconds(7 * 24 * 3_600 + 1))
        #expect(refresh(harness, token).status == 401)
    }

    @Test(arguments: [
        ([:], "refreshToken is required"), (["refreshToken": " "], "refreshToken must not be blank"),
        (["refreshToken": .string(String(repeating: "r", count: 513))],
            "refreshToken must not be longer than 512 characters"),
        (["refreshToken": "a\nb"], "refreshToken must not contain control characters"),
    ] as [(JSONValue, String)])
    func `Every broken rule of a refresh token is 400 and says which`(body: JSONValue, sentence: String) {
        let harness = Harness()
        let token = harness.makeTenant().token
        for response in [
            harness.send("POST", "/api/v1/auth/refresh", body),
            harness.send("POST", "/api/v1/auth/logout", token: token, body),
        ] {
            #expect(response.status == 400)
            #expect(response.sentence == sentence)
        }
    }

    @Test func `A logout ends the session and denies the access token at once`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let session = logIn(harness).document
        let access = try #require(session["accessToken"]?.text)
        let path = "/api/v1/tenants/\(tenant.id)"
        #expect(harness.send("GET", path, token: access).status == 200)
        let body: JSONValue = ["refreshToken": session["refreshToken"]!]
        let response = harness.send("POST", "/api/v1/auth/logout", token: access, body)
        #expect(response.status == 204)
        #expect(response.body.isEmpty)
        #expect(harness.send("GET", path, token: access).status == 401)
        #expect(refresh(harness, session["refreshToken"]!.text!).status == 401)
        #expect(harness.pool.inspect { $0.deniedTokens.count } == 1)
    }

    @Test func `A logout with somebody else's refresh token is refused and harms neither`() throws {
        let harness = Harness()
        _ = harness.makeTenant()
        let stranger = harness.makeTenant("Contoso")
        let session = logIn(harness).document
        let body: JSONValue = ["refreshToken": session["refreshToken"]!]
        #expect(harness.send("POST", "/api/v1/auth/logout", token: stranger.token, body).status == 401)
        #expect(harness.send("GET", "/api/v1/tenants/\(stranger.id)", token: stranger.token).status == 200)
        #expect(refresh(harness, session["refreshToken"]!.text!).status == 200)
    }

    @Test func `A logout on another node and a deactivated user count as soon as the cached answer is old`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let path = "/api/v1/tenants/\(tenant.id)"
        let jti = harness.tokens.verify(tenant.token, now: harness.clock.now)!.tokenID
        #expect(harness.send("GET", path, token: tenant.token).status == 200)
        harness.pool.inspect { try! $0.denyAccessToken(jti.cast(), until: harness.clock.now + .seconds(900)) }
        harness.clock.advance(by: .seconds(3))
        #expect(harness.send("GET", path, token: tenant.token).status == 401)

        let second = harness.accessToken(tenant.owner)
        #expect(harness.send("GET", path, token: second).status == 200)
        harness.pool.inspect { $0.users[tenant.owner.id]?.status = .inactive }
        harness.clock.advance(by: .seconds(3))
        #expect(harness.send("GET", path, token: second).status == 401)
    }
}
