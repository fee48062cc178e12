import Crypto
import Domain
import JSON
import Testing

@testable import ManagementAPI

@Suite struct SenderRoutesTests {
    let harness = Harness()

    @Test func `A new sender shows its token once, after hasMapping`() throws {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let response = harness.send(
            "POST", "/api/v1/destinations/\(destination)/senders", token: tenant.token, ["label": "billing system"])
        #expect(response.status == 201)
        let id = try #require(response.document["id"]?.text)
        #expect(response.header("Location") == "/api/v1/senders/\(id)")
        #expect(
            response.document.members.map(\.name) == [
                "id", "destinationId", "tenantId", "label", "hasMapping", "ingestToken", "createdAt", "updatedAt",
            ])
        let token = try #require(response.document["ingestToken"]?.text)
        #expect(token.hasPrefix("sndr_"))
        #expect(token.count == 69)
        #expect(harness.pool.inspect { $0.senders[SenderID(id)!]!.hash } == SHA256.hash(Array(token.utf8)))
        let shown = harness.send("GET", "/api/v1/senders/\(id)", token: tenant.token)
        #expect(
            shown.text
                == #"{"id":"\#(id)","destinationId":"\#(destination)","tenantId":"\#(tenant.id)","#
                + #""label":"billing system","hasMapping":false,"createdAt":"2026-08-01T09:00:00.000Z","#
                + #""updatedAt":"2026-08-01T09:00:00.000Z"}"#)
        let list = harness.send("GET", "/api/v1/destinations/\(destination)/senders", token: tenant.token)
        #expect(list.text == #"{"total":1,"items":[\#(shown.text)]}"#)
    }

    @Test(arguments: [
        (["label": .string(String(repeating: "l", count: 256))], "label must not be longer than 255 characters"),
        (["label": "a\rb"], "label must not contain control characters"), (["label": 1], "label must be a string"),
    ] as [(JSONValue, String)])
    func `Every broken rule of a label is 400, before the destination is looked at`(body: JSONValue, sentence: String) {
        let tenant = harness.makeTenant()
        let unknown = harness.api.newID(of: Destination.self)
        let response = harness.send("POST", "/api/v1/destinations/\(unknown)/senders", token: tenant.token, body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `A label may be missing, and an unknown destination is 404 with a sentence`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let made = harness.send("POST", "/api/v1/destinations/\(destination)/senders", token: tenant.token, [:])
        #expect(made.document["label"] == .null)
        let unknown = harness.api.newID(of: Destination.self)
        for method in ["GET", "POST"] {
            let body: [UInt8]? = method == "POST" ? Array("{}".utf8) : nil
            let response = harness.send(
                method, "/api/v1/destinations/\(unknown)/senders", token: tenant.token, raw: body)
            #expect(response.status == 404)
            #expect(response.sentence == "the destination does not exist")
        }
    }

    @Test func `A sender can be deleted, and its token replaced`() throws {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let sender = harness.makeSender(tenant, destination: destination)
        let path = "/api/v1/senders/\(sender["id"]!.text!)"
        let rotated = harness.send("POST", path + "/ingest-token", token: tenant.token)
        let token = try #require(rotated.document["ingestToken"]?.text)
        #expect(token != sender["ingestToken"]?.text)
        #expect(harness.pool.inspect { $0.senders.values.first!.hash } == SHA256.hash(Array(token.utf8)))
        let deleted = harness.send("DELETE", path, token: tenant.token)
        #expect(deleted.status == 204)
        #expect(deleted.body.isEmpty)
        for method in ["GET", "DELETE"] {
            let gone = harness.send(method, path, token: tenant.token)
            #expect(gone.status == 404)
            #expect(gone.body.isEmpty)
        }
    }

    @Test func `A mapping is kept as it was sent, replaced, and deleted as often as one likes`() throws {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let sender = harness.makeSender(tenant, destination: destination)["id"]!.text!
        let path = "/api/v1/senders/\(sender)/mapping"
        let none = harness.send("GET", path, token: tenant.token)
        #expect(none.status == 404)
        #expect(none.sentence == "the sender has no mapping")

        let text = #"{ "total": "order:total", "n": 1.10, "list": ["a", "b"], "ü": 1e400 }"#
        let set = harness.send("POST", path, token: tenant.token, raw: Array(text.utf8))
        #expect(set.status == 200)
        #expect(set.text == #"{"mapping":{"total":"order:total","n":1.10,"list":["a","b"],"ü":1e400}}"#)
        #expect(harness.pool.inspect { $0.senders.values.first!.record.mapping } == Array(text.utf8))
        #expect(harness.send("GET", path, token: tenant.token).text == set.text)
        let shown = harness.send("GET", "/api/v1/senders/\(sender)", token: tenant.token)
        #expect(shown.document["hasMapping"] == true)

        let replaced = harness.send("POST", path, token: tenant.token, ["id": "order"])
        #expect(replaced.text == #"{"mapping":{"id":"order"}}"#)
        for _ in 1...2 { #expect(harness.send("DELETE", path, token: tenant.token).status == 204) }
        #expect(harness.send("GET", path, token: tenant.token).status == 404)
    }

    @Test(arguments: [
        ("[1]", "body must be a JSON object"), ("\"a\"", "body must be a JSON object"),
        ("null", "body must be a JSON object"), ("", "body is required and must be a JSON object"),
    ])
    func `A mapping that is no object is 400 even for an unknown sender`(text: String, sentence: String) {
        let tenant = harness.makeTenant()
        let unknown = harness.api.newID(of: Sender.self)
        let response = harness.send(
            "POST", "/api/v1/senders/\(unknown)/mapping", token: tenant.token, raw: Array(text.utf8))
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `A mapping has a size limit`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let sender = harness.makeSender(tenant, destination: destination)["id"]!.text!
        let response = harness.send(
            "POST", "/api/v1/senders/\(sender)/mapping", token: tenant.token,
            ["a": .string(String(repeating: "a", count: 65_536))])
        #expect(response.status == 400)
        #expect(response.sentence == "mapping must not be longer than 65536 bytes")
    }
}
