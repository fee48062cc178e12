import Crypto
import Domain
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct TenantRoutesTests {
    static let valid: JSONObject = [
        "name": "Northwind Labs", "ownerEmail": " Ops@Northwind.example ", "ownerPassword": "correct horse",
    ]

    private func body(_ changes: JSONObject) -> JSONValue {
        let changed = Set(changes.members.map(\.name))
        return .object(JSONObject(Self.valid.members.filter { !changed.contains($0.name) } + changes.members))
    }

    @Test func `A new tenant comes with its Owner, its secret and the documented defaults`() throws {
        let harness = Harness()
        let response = harness.send("POST", "/api/v1/tenants", .object(Self.valid))
        #expect(response.status == 201)
        let document = response.document
        #expect(
            document.members.map(\.name) == [
                "tenantId", "tenantName", "webhookSecret", "maxTrys", "circuitBreakerTimer", "tenantCreatedAt",
                "ownerUserId", "ownerEmail", "ownerRole", "ownerCreatedAt",
            ])
        #expect(response.header("Location") == "/api/v1/tenants/\(document["tenantId"]!.text!)")
        #expect(response.header("Content-Type") == "application/json; charset=utf-8")
        #expect(document["ownerEmail"] == "ops@northwind.example")
        #expect(document["ownerRole"] == "Owner")
        #expect(document["maxTrys"] == 10)
        #expect(document["circuitBreakerTimer"] == 300)
        #expect(document["tenantCreatedAt"] == "2026-08-01T09:00:00.000Z")
        let secret = try #require(document["webhookSecret"]?.text)
        #expect(secret.hasPrefix("whsec_"))
        harness.pool.inspect { store in
            let user = store.users.values.first!
            #expect(harness.api.hasher.verify("correct horse", against: user.passwordHash))
            #expect(user.role == .owner)
            let sealed = store.secrets.values.first![0].sealed
            #expect(!sealed.contains(subsequence: Array(secret.utf8)))
        }
    }

    @Test func `The older spelling of the first user's fields is accepted`() {
        let response = Harness().send(
            "POST", "/api/v1/tenants",
            ["Name": "A", "adminEmail": "a@b", "adminPassword": "p", "maxTrys": "4", "circuitBreakerTimer": 60])
        #expect(response.status == 201)
        #expect(response.document["ownerEmail"] == "a@b")
        #expect(response.document["maxTrys"] == 4)
        #expect(response.document["circuitBreakerTimer"] == 60)
    }

    @Test(arguments: [
        (["name": nil], "name is required"),
        (["name": "  "], "name must not be blank"),
        (["name": 7], "name must be a string"),
        (["name": .string(String(repeating: "n", count: 256))], "name must not be longer than 255 characters"),
        // 128 characters, but 256 UTF-16 code units.
        (["name": .string(String(repeating: "😀", count: 128))], "name must not be longer than 255 characters"),
        (["name": "a\r\nb"], "name must not contain control characters"),
        (["name": "a\u{0}b"], "name must not contain control characters"),
        (["ownerEmail": nil], "ownerEmail is required"),
        (["ownerEmail": ""], "ownerEmail must not be blank"),
        (["ownerEmail": "nobody"], "ownerEmail must contain an @"),
        (["ownerEmail": .string(String(repeating: "e", count: 254) + "@x")],
            "ownerEmail must not be longer than 255 characters"),
        (["ownerEmail": "a@b\n"], "ownerEmail must not contain control characters"),
        (["ownerPassword": nil], "ownerPassword is required and must not be empty"),
        (["ownerPassword": ""], "ownerPassword is required and must not be empty"),
        (["maxTrys": 0], "maxTrys must be at least 1"),
        (["maxTrys": "many"], "maxTrys must be a 32-bit integer"),
        (["maxTrys": 2_147_483_648], "maxTrys must be a 32-bit integer"),
        (["maxTrys": .number("1.5")], "maxTrys must be a 32-bit integer"),
        (["circuitBreakerTimer": -1], "circuitBreakerTimer must be at least 1"),
    ] as [(JSONObject, String)])
    func `Every broken rule of creation is 400 and says which`(changes: JSONObject, sentence: String) {
        let harness = Harness()
        let response = harness.send("POST", "/api/v1/tenants", body(changes))
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
        #expect(harness.pool.inspect { $0.tenants.isEmpty && $0.users.isEmpty })
    }

    @Test func `A name and an e-mail are each taken only once`() {
        let harness = Harness()
        #expect(harness.send("POST", "/api/v1/tenants", .object(Self.valid)).status == 201)
        let sameName = harness.send("POST", "/api/v1/tenants", body(["ownerEmail": "b@b"]))
        #expect(sameName.status == 409)
        #expect(sameName.sentence == "name is taken by another tenant")
        let sameEmail = harness.send("POST", "/api/v1/tenants", body(["name": "Other"]))
        #expect(sameEmail.status == 409)
        #expect(sameEmail.sentence?.contains("email") == true)
        #expect(harness.pool.inspect { $0.tenants.count } == 1)
    }

    @Test func `The sixth creation from one address in an hour is refused until the hour is over`() {
        let harness = Harness()
        for number in 1...5 {
            let response = harness.send(
                "POST", "/api/v1/tenants", body(["name": .string("T\(number)"), "ownerEmail": .string("\(number)@x")]))
            #expect(response.status == 201)
        }
        harness.clock.advance(by: .seconds(600))
        let refused = harness.send("POST", "/api/v1/tenants", body(["name": "T6"]))
        #expect(refused.status == 429)
        #expect(refused.body.isEmpty)
        #expect(refused.header("Retry-After") == "3000")
        #expect(harness.send("POST", "/api/v1/tenants", body(["name": "T6"]), from: "203.0.113.8").status == 201)
        harness.clock.advance(by: .seconds(3_001))
        #expect(harness.send("POST", "/api/v1/tenants", body(["name": "T7", "ownerEmail": "7@x"])).status == 201)
    }

    @Test func `A tenant shows its settings and never its secret`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let response = harness.send("GET", "/api/v1/tenants/\(tenant.id)", token: tenant.token)
        #expect(response.status == 200)
        #expect(
            response.text
                == #"{"id":"\#(tenant.id)","name":"Northwind","maxTrys":10,"circuitBreakerTimer":300,"#
                + #""createdAt":"2026-08-01T09:00:00.000Z","updatedAt":"2026-08-01T09:00:00.000Z"}"#)
    }

    @Test func `A patch changes what it names and leaves the rest`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        harness.clock.advance(by: .seconds(1))
        let path = "/api/v1/tenants/\(tenant.id)"
        let response = harness.send("PATCH", path, token: tenant.token, ["name": "  Northwind  ", "maxTrys": 1])
        #expect(response.status == 200)
        #expect(response.document["name"] == "Northwind")
        #expect(response.document["maxTrys"] == 1)
        #expect(response.document["circuitBreakerTimer"] == 300)
        #expect(response.document["updatedAt"] == "2026-08-01T09:00:01.000Z")
        #expect(harness.send("PATCH", path, token: tenant.token, [:]).status == 200)
    }

    @Test(arguments: [
        (["name": " "], "name must not be blank"),
        (["name": .string(String(repeating: "n", count: 256))], "name must not be longer than 255 characters"),
        (["maxTrys": 0], "maxTrys must be at least 1"),
        (["circuitBreakerTimer": 0], "circuitBreakerTimer must be at least 1"),
    ] as [(JSONValue, String)])
    func `Every broken rule of a patch is 400 and says which`(body: JSONValue, sentence: String) {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let response = harness.send("PATCH", "/api/v1/tenants/\(tenant.id)", token: tenant.token, body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `A patch to another tenant's name is a conflict, and the form of the body counts before the role`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        _ = harness.makeTenant("Contoso")
        let path = "/api/v1/tenants/\(tenant.id)"
        #expect(harness.send("PATCH", path, token: tenant.token, ["name": "Contoso"]).status == 409)
        let viewer = harness.member(of: tenant, .viewer)
        #expect(harness.send("PATCH", path, token: viewer, ["maxTrys": "x"]).status == 400)
        #expect(harness.send("PATCH", path, token: viewer, ["maxTrys": 0]).status == 403)
    }

    @Test func `A tenant that is gone is 404 to a token that outlived it`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        harness.pool.inspect { store in
            store.tenants[tenant.id] = nil
            store.secrets[tenant.id] = nil
        }
        let path = "/api/v1/tenants/\(tenant.id)"
        #expect(harness.send("GET", path, token: tenant.token).status == 404)
        #expect(harness.send("PATCH", path, token: tenant.token, ["maxTrys": 3]).status == 404)
        #expect(harness.send("GET", path + "/webhook-secret", token: tenant.token).status == 404)
        #expect(harness.send("POST", path + "/webhook-secret", token: tenant.token).status == 404)
        let gone = harness.send("POST", "/api/v1/destinations", token: tenant.token, ["url": "https://x.example"])
        #expect(gone.status == 404)
        #expect(gone.sentence != nil)
    }
}

extension Collection where Element: Equatable {
    func contains(subsequence: [Element]) -> Bool { firstRange(of: subsequence) != nil }
}
