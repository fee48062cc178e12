import Crypto
import Domain
import JSON
import Testing

@testable import ManagementAPI

@Suite struct APIKeyRoutesTests {
    @Test func `A key is shown once and stored as a hash`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let response = harness.send("POST", "/api/v1/apikeys", token: tenant.token, ["NAME": "staging shipper"])
        #expect(response.status == 201)
        #expect(response.document.members.map(\.name) == ["id", "name", "key", "createdAt"])
        #expect(response.header("Location") == "/api/v1/apikeys/\(response.document["id"]!.text!)")
        let key = try #require(response.document["key"]?.text)
        #expect(key.hasPrefix("hks_"))
        #expect(key.count == 68)
        #expect(harness.pool.inspect { $0.keys.values.first!.hash } == SHA256.hash(Array(key.utf8)))
        let list = harness.send("GET", "/api/v1/apikeys", token: tenant.token)
        #expect(!list.text.contains(key))
    }

    @Test(arguments: [
        ([:], "name is required"), (["name": ""], "name must not be blank"),
        (["name": .string(String(repeating: "k", count: 101))], "name must not be longer than 100 characters"),
        (["name": "a\nb"], "name must not contain control characters"), (["name": true], "name must be a string"),
    ] as [(JSONValue, String)])
    func `Every broken rule of a name is 400 and says which`(body: JSONValue, sentence: String) {
        let harness = Harness()
        let response = harness.send("POST", "/api/v1/apikeys", token: harness.makeTenant().token, body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `Revoking answers with the key, once, and the list can be filtered by it`() throws {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let ids = ["one", "two"].map { name in
            harness.send("POST", "/api/v1/apikeys", token: tenant.token, ["name": .string(name)])
                .document["id"]!.text!
        }
        harness.clock.advance(by: .seconds(60))
        let revoked = harness.send("DELETE", "/api/v1/apikeys/\(ids[0])", token: tenant.token)
        #expect(revoked.status == 200)
        #expect(
            revoked.text
                == #"{"id":"\#(ids[0])","name":"one","isActive":false,"createdAt":"2026-08-01T09:00:00.000Z","#
                + #""revokedAt":"2026-08-01T09:01:00.000Z"}"#)
        let again = harness.send("DELETE", "/api/v1/apikeys/\(ids[0])", token: tenant.token)
        #expect(again.status == 404)
        #expect(again.body.isEmpty)
        let active = harness.send("GET", "/api/v1/apikeys?isActive=True", token: tenant.token)
        #expect(active.document["total"] == 1)
        #expect(active.text.contains("\"two\""))
        #expect(active.text.contains("\"revokedAt\":null"))
        let inactive = harness.send("GET", "/api/v1/apikeys?IsActive=false", token: tenant.token)
        #expect(inactive.text.contains("\"one\""))
        #expect(harness.send("GET", "/api/v1/apikeys?IsActive=maybe", token: tenant.token).status == 400)
    }
}
