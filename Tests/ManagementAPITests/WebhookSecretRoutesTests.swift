import Crypto
import Domain
import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

@Suite struct WebhookSecretRoutesTests {
    let harness = Harness()
    let tenant: TestTenant
    let path: String

    init() {
        tenant = harness.makeTenant()
        path = "/api/v1/tenants/\(tenant.id)/webhook-secret"
    }

    private func isValid(_ payload: String, _ signature: String) -> Bool? {
        harness.send(
            "POST", path + "/verify", token: tenant.token,
            ["payload": .string(payload), "signature": .string(signature)]
        ).document["valid"]?.boolean
    }

    @Test func `The secret can be read again and replaced`() throws {
        #expect(harness.send("GET", path, token: tenant.token).document["webhookSecret"]?.text == tenant.secret)
        let rotated = harness.send("POST", path, token: tenant.token)
        #expect(rotated.status == 200)
        let new = try #require(rotated.document["webhookSecret"]?.text)
        #expect(new.hasPrefix("whsec_"))
        #expect(new != tenant.secret)
        #expect(harness.send("GET", path, token: tenant.token).document["webhookSecret"]?.text == new)
        #expect(harness.send("POST", path, token: tenant.token, [:]).status == 200)
    }

    @Test func `Without an overlap the old secret is dead at once`() {
        let signature = WebhookSignature.original(over: Array("{}".utf8), secret: tenant.secret)
        #expect(isValid("{}", signature) == true)
        _ = harness.send("POST", path, token: tenant.token)
        #expect(isValid("{}", signature) == false)
    }

    @Test func `While two secrets are valid both verify`() throws {
        let old = WebhookSignature.original(over: Array("{}".utf8), secret: tenant.secret)
        let rotated = harness.send("POST", path, token: tenant.token, ["overlapSeconds": 60])
        let secret = try #require(rotated.document["webhookSecret"]?.text)
        let new = WebhookSignature.original(over: Array("{}".utf8), secret: secret)
        #expect(isValid("{}", old) == true)
        #expect(isValid("{}", new) == true)
        harness.clock.advance(by: .seconds(61))
        #expect(isValid("{}", old) == false)
        #expect(isValid("{}", new) == true)
    }

    @Test func `A signature has to match to the letter`() {
        let signature = WebhookSignature.original(over: Array(#"{"a":1}"#.utf8), secret: tenant.secret)
        #expect(isValid(#"{"a":1}"#, signature) == true)
        for wrong in [
            "", "sha256=", String(signature.dropFirst(7)), signature + "0", String(signature.dropLast()),
            signature.uppercased(), "sha256=" + signature.dropFirst(7).uppercased(), " " + signature,
            "SHA256=" + signature.dropFirst(7),
        ] {
            #expect(isValid(#"{"a":1}"#, wrong) == false)
        }
        #expect(isValid(#"{"a": 1}"#, signature) == false)
    }

    @Test func `The documented vectors verify`() {
        let secret = "whsec_demo"
        let sealed = harness.vault.seal(Array(secret.utf8), for: SealIdentity.webhookSecret(of: tenant.id))
        harness.pool.inspect { store in store.secrets[tenant.id]![0].sealed = sealed }
        let plain = "sha256=463d1dc50479e63514044af7a08df0df078c4fbc929bf5a0261d011aa1a80193"
        let accented = "sha256=3c787f7608c6f7bf52437f93c9a91ff7885a4553dfb3d59932cea0f4d976ab97"
        #expect(isValid(#"{"a":1}"#, plain) == true)
        #expect(isValid(#"{"city":"São Paulo"}"#, accented) == true)
        #expect(isValid(#"{"city":"São Paulo"}"#, plain) == false)
    }

    @Test(arguments: [
        (["signature": "s"], "payload is required"), (["payload": "p"], "signature is required"),
        (["payload": [:], "signature": "s"], "payload must be a string"),
    ] as [(JSONValue, String)])
    func `Both fields of a check are required`(body: JSONValue, sentence: String) {
        let response = harness.send("POST", path + "/verify", token: tenant.token, body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test(arguments: [-1, 604_801])
    func `An overlap has bounds`(seconds: Int) {
        let response = harness.send(
            "POST", path, token: tenant.token, ["overlapSeconds": .number("\(seconds)")])
        #expect(response.status == 400)
        #expect(response.sentence == "overlapSeconds must be between 0 and 604800")
    }
}
