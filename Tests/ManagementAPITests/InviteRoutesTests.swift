import Domain
import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

@Suite struct InviteRoutesTests {
    let harness = Harness()
    let tenant: TestTenant

    init() { tenant = harness.makeTenant() }

    private func invite(_ body: JSONValue = [:], token: String? = nil) -> HTTPResponse {
        harness.send("POST", "/api/v1/invites", token: token ?? tenant.token, body)
    }

    private func register(
        _ token: String, _ body: JSONValue = ["email": "new@x", "password": "p"], from address: String = "203.0.113.7"
    ) -> HTTPResponse {
        harness.send("POST", "/api/v1/invites/\(token)/register", body, from: address)
    }

    @Test func `An invite shows its token at creation and in the list, and is stored sealed`() {
        let response = invite()
        #expect(response.status == 201)
        let document = response.document
        let token = document["token"]!.text!
        #expect(token.hasPrefix("inv_"))
        #expect(
            response.text
                == #"{"id":"\#(document["id"]!.text!)","tenantId":"\#(tenant.id)","token":"\#(token)","#
                + #""targetRole":"Developer","expiresAt":"2026-08-08T09:00:00.000Z","usedAt":null,"status":"Pending","#
                + #""createdAt":"2026-08-01T09:00:00.000Z"}"#)
        let list = harness.send("GET", "/api/v1/invites?Status=0", token: tenant.token)
        #expect(list.text == #"{"total":1,"items":[\#(response.text)]}"#)
        #expect(harness.send("GET", "/api/v1/invites?Status=Used", token: tenant.token).document["total"] == 0)
        harness.pool.inspect { store in
            #expect(!store.invites.values.first!.record.sealedToken.contains(subsequence: Array(token.utf8)))
        }
    }

    @Test func `What an invite may grant is decided by the inviter's role`() {
        let admin = harness.member(of: tenant, .admin)
        let owner = invite(["role": "Owner"])
        #expect(owner.status == 400)
        #expect(owner.sentence == "role must not be Owner for an invite")
        #expect(invite(["role": "Admin"], token: admin).status == 403)
        #expect(invite(["role": "Admin"]).status == 201)
        #expect(invite(["role": "Viewer"], token: admin).document["targetRole"] == "Viewer")
        #expect(invite(["role": "Owner"], token: harness.member(of: tenant, .developer)).status == 403)
    }

    @Test func `The token of an invite is shown to whoever could have made it, and to nobody else`() {
        for role in ["Admin", "Developer", "Viewer"] { #expect(invite(["role": .string(role)]).status == 201) }
        func tokens(_ token: String) -> [String: Bool] {
            let list = harness.send("GET", "/api/v1/invites", token: token).document["items"]?.elements ?? []
            return Dictionary(
                uniqueKeysWithValues: list.map {
                    ($0.members!["targetRole"]!.text!, $0.members!["token"]!.text?.hasPrefix("inv_") == true)
                })
        }
        #expect(tokens(tenant.token) == ["Admin": true, "Developer": true, "Viewer": true])
        #expect(
            tokens(harness.member(of: tenant, .admin)) == ["Admin": false, "Developer": true, "Viewer": true])
    }

    @Test(arguments: [
        (["validityDays": 0], "validityDays must be between 1 and 30"),
        (["validityDays": 31], "validityDays must be between 1 and 30"),
        (["validityDays": "x"], "validityDays must be a 32-bit integer"),
        (["role": 3], "role must be one of Developer, Admin, Owner, Viewer"),
    ] as [(JSONValue, String)])
    func `Every broken rule of an invite is 400 and says which`(body: JSONValue, sentence: String) {
        let response = invite(body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `Registering makes a user of the invite's role and tenant, once`() {
        let token = invite(["role": "viewer"]).document["token"]!.text!
        let response = register(token)
        #expect(response.status == 201)
        #expect(response.document["role"] == "Viewer")
        #expect(response.document["tenantId"]?.text == "\(tenant.id)")
        #expect(response.header("Location") == "/api/v1/users/\(response.document["id"]!.text!)")
        let again = register(token, ["email": "other@x", "password": "p"])
        #expect(again.status == 409)
        #expect(again.sentence == "the invite has been used")
        let list = harness.send("GET", "/api/v1/invites", token: tenant.token)
        #expect(list.text.contains(#""usedAt":"2026-08-01T09:00:00.000Z","status":"Used""#))
    }

    @Test func `Of many registrations at a time one wins`() {
        let token = invite().document["token"]!.text!
        let statuses = statusesOfConcurrentCalls(8) { [self] in
            let number = harness.api.newID(of: User.self)
            return register(token, ["email": .string("\(number)@x"), "password": "p"]).status
        }
        #expect(statuses.sorted() == [201, 409, 409, 409, 409, 409, 409, 409])
    }

    @Test func `What stands in the way of a registration is said in the contract's order`() {
        let token = invite(["validityDays": 1]).document["token"]!.text!
        let unknown = register("inv_nothing", ["email": "bad"])
        #expect(unknown.status == 404)
        #expect(unknown.sentence == "the invite does not exist")
        #expect(register(token, ["email": "bad"]).sentence == "email must contain an @")
        let taken = register(token, ["email": "owner@northwind.example"])
        #expect(taken.status == 409)
        #expect(taken.sentence?.contains("email") == true)
        #expect(register(token, ["email": "new@x"]).sentence == "password is required and must not be empty")
        harness.clock.advance(by: .seconds(24 * 3_600))
        let expired = register(token)
        #expect(expired.status == 409)
        #expect(expired.sentence == "the invite has expired")
    }

    @Test func `The eleventh registration from one address in an hour is refused`() {
        for _ in 1...10 { #expect(register("inv_nothing").status == 404) }
        let refused = register("inv_nothing")
        #expect(refused.status == 429)
        #expect(refused.body.isEmpty)
        #expect(refused.header("Retry-After") == "3600")
        #expect(register("inv_nothing", from: "203.0.113.8").status == 404)
    }
}
