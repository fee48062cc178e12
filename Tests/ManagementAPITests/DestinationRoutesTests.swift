import Crypto
import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct DestinationRoutesTests {
    let harness = Harness()

    private func patch(_ tenant: TestTenant, _ destination: JSONObject, _ body: JSONValue) -> HTTPResponse {
        harness.send("PATCH", "/api/v1/destinations/\(destination["id"]!.text!)", token: tenant.token, body)
    }

    /// The stored settings of the authenticator, opened.
    private func authenticator(_ destination: JSONObject) -> String? {
        let id = DestinationID(destination["id"]!.text!)!
        guard let use = harness.pool.inspect({ $0.destinations[id]!.record.authenticator }) else { return nil }
        let identity = SealIdentity.pluginSettings(of: id, kind: "authenticator")
        return use.plugin + String(decoding: try! harness.vault.open(use.sealedSettings, for: identity), as: UTF8.self)
    }

    @Test func `A new destination has the contract's fields, the breaker's and, last, its token`() throws {
        let tenant = harness.makeTenant()
        let response = harness.send(
            "POST", "/api/v1/destinations", token: tenant.token,
            [
                "url": "HTTPS://hooks.example/in?x=1", "authType": "bearertoken",
                "credentials": ["token": "sesame"],
            ])
        #expect(response.status == 201)
        let document = response.document
        #expect(
            document.members.map(\.name) == [
                "id", "tenantId", "url", "status", "paused", "pausedAt", "serverRateLimit", "authType",
                "authenticator", "transformers", "retryPolicy", "circuitBreakerState", "circuitBreakerFailures",
                "circuitBreakerNextCheckAt", "createdAt", "updatedAt", "ingestToken",
            ])
        #expect(document["url"] == "HTTPS://hooks.example/in?x=1")
        #expect(document["status"] == "Active")
        #expect(document["serverRateLimit"] == 5)
        #expect(document["authType"] == "BearerToken")
        #expect(document["circuitBreakerState"] == "Closed")
        #expect(document["circuitBreakerFailures"] == 0)
        #expect(document["circuitBreakerNextCheckAt"] == .null)
        #expect(document["retryPolicy"] == .null)
        #expect(document["transformers"] == [])
        #expect(response.header("Location") == "/api/v1/destinations/\(document["id"]!.text!)")
        let token = try #require(document["ingestToken"]?.text)
        #expect(token.hasPrefix("dst_"))
        #expect(token.count == 68)
        let id = DestinationID(document["id"]!.text!)!
        harness.pool.inspect { store in
            let row = store.destinations[id]!
            #expect(row.hash == SHA256.hash(Array(token.utf8)))
            #expect(row.shard == Shard(of: id, count: 16))
            #expect(!row.record.authenticator!.sealedSettings.contains(subsequence: Array("sesame".utf8)))
        }
        #expect(authenticator(document) == #"BearerToken{"token":"sesame"}"#)
        let shown = harness.send("GET", "/api/v1/destinations/\(id)", token: tenant.token)
        #expect(shown.status == 200)
        #expect(!shown.text.contains("sesame"))
        #expect(!shown.text.contains(token))
        #expect(shown.document["authenticator"] == ["plugin": "BearerToken", "settings": ["token": "********"]])
    }

    @Test(arguments: [
        (["url": nil], "url is required"),
        (["url": " "], "url must not be blank"),
        (["url": "hooks.example/in"], "url must be an absolute URL"),
        (["url": "http://hooks.example"], "url must have the scheme https"),
        (["url": "ftp://hooks.example"], "url must have the scheme https"),
        (["url": "https://"], "url must name a host and a valid port"),
        (["url": "https:///in"], "url must name a host and a valid port"),
        (["url": "https://hooks.example:70000/"], "url must name a host and a valid port"),
        (["url": "https://[::1"], "url must name a host and a valid port"),
        (["url": "https://a b"], "url must not contain spaces or control characters"),
        (["url": "https://hooks.example/\n"], "url must not contain spaces or control characters"),
        (["url": "https://10.0.0.1/"], "url must not lead to a private address"),
        (["url": "https://10.0.0.1/\u{301}"], "url must not lead to a private address"),
        (["url": "https://10.0.0.1?\u{301}"], "url must not lead to a private address"),
        (["url": "https://10.0.0.1#\u{301}"], "url must not lead to a private address"),
        (["url": "https://a@\u{301}@10.0.0.1"], "url must not lead to a private address"),
        (["url": "https://10.0.0.1:\u{301}"], "url must name a host and a valid port"),
        (["url": .string("https://x.example/" + String(repeating: "a", count: 8_192))],
            "url must not be longer than 8192 characters"),
        (["serverRateLimit": 0], "serverRateLimit must be at least 1"),
        (["serverRateLimit": "x"], "serverRateLimit must be a 32-bit integer"),
        (["credentials": ["token": "t"]], "credentials must come with authType"),
        (["authType": "BearerToken"], "credentials are required with authType"),
        (["authType": "Kerberos", "credentials": [:]],
            "authType must be one of ApiKey, BearerToken, JwtBearer, BasicAuth"),
        (["authType": 9, "credentials": [:]], "authType must be one of ApiKey, BearerToken, JwtBearer, BasicAuth"),
        (["authType": "BearerToken", "credentials": "t"], "credentials must be a JSON object"),
        (["authType": "BearerToken", "credentials": [:]], "credentials: token is required"),
        (["authType": "JwtBearer", "credentials": [
            "tokenEndpoint": "https://10.1.1.1/t", "clientId": "a", "clientSecret": "b",
        ]], "credentials.tokenEndpoint must not lead to a private address"),
        (["authenticator": "BearerToken"], "authenticator must be a JSON object"),
        (["authenticator": [:]], "authenticator.plugin is required"),
        (["authenticator": ["plugin": "Api\u{212A}ey"]],
            "authenticator.plugin must have 1 to 60 characters, all of them visible ASCII"),
        (["transformers": [["plugin": ""]]],
            "transformers[0].plugin must have 1 to 60 characters, all of them visible ASCII"),
        (["authenticator": ["plugin": "Nope"]],
            "authenticator.settings: there is no authenticator named Nope"),
        (["authenticator": ["plugin": "BasicAuth"], "authType": "BearerToken", "credentials": ["token": "t"]],
            "authenticator must not be combined with authType and credentials"),
        (["retryPolicy": ["plugin": "Fixed", "settings": [1]]], "retryPolicy.settings must be a JSON object"),
        (["retryPolicy": ["plugin": "Fixed"]], "retryPolicy.settings: delaySeconds is required"),
        (["transformers": [:]], "transformers must be an array"),
        (["transformers": [["plugin": "Salt", "settings": ["note": "n"]]]],
            "transformers[0].settings: salt is required"),
        (["transformers": .array(Array(repeating: ["plugin": "Salt"], count: 9))],
            "transformers must not have more than 8 elements"),
        (["authType": "BearerToken", "credentials": ["token": .string(String(repeating: "t", count: 65_536))]],
            "credentials must not be longer than 65536 bytes"),
    ] as [(JSONObject, String)])
    func `Every broken rule of creation and of a patch is 400 and says which`(fields: JSONObject, sentence: String) {
        let tenant = harness.makeTenant()
        let named = Set(fields.members.map(\.name))
        let rest = named.contains("url") ? [] : [(name: "url", value: JSONValue.string("https://x.example"))]
        let created = harness.send(
            "POST", "/api/v1/destinations", token: tenant.token, .object(JSONObject(rest + fields.members)))
        #expect(created.status == 400)
        #expect(created.sentence == sentence)
        #expect(harness.pool.inspect { $0.destinations.isEmpty })

        if fields["url"] == .null { return }
        let destination = harness.makeDestination(tenant)
        let patched = patch(tenant, destination, .object(JSONObject([("serverRateLimit", 77)] + fields.members)))
        #expect(patched.status == 400)
        #expect(patched.sentence == sentence)
        #expect(harness.pool.inspect { $0.destinations.values.first!.record.serverRateLimit } == 5)
    }

    @Test(arguments: [
        "Host", "content-length", "Content-Type", "TRANSFER-ENCODING", "Connection", "X-HookSentry-Signature",
        "x-hooksentry-anything", "webhook-id", "Webhook-Signature",
    ])
    func `A header that the host writes itself is refused for ApiKey`(name: String) {
        let tenant = harness.makeTenant()
        let settings: JSONValue = ["headerName": .string(name), "value": "v"]
        for fields in [
            ["url": "https://x.example", "authType": "ApiKey", "credentials": settings],
            ["url": "https://x.example", "authenticator": ["plugin": "ApiKey", "settings": settings]],
        ] as [JSONValue] {
            let response = harness.send("POST", "/api/v1/destinations", token: tenant.token, fields)
            #expect(response.status == 400)
            #expect(response.sentence?.hasSuffix(".headerName must not be \(name): that header is reserved") == true)
        }
        let free = harness.makeDestination(
            tenant, ["authType": 0, "credentials": ["headerName": "X-Api-Key", "value": "v"]])
        #expect(free["authType"] == "ApiKey")
    }

    @Test func `Plain HTTP is accepted where the host allows it`() {
        let open = Harness { $0.allowsHTTP = true }
        let tenant = open.makeTenant()
        for url in [
            "http://hooks.example", "https://hooks.example", "http://[::1]:8080/in", "http://u:p@h.example:80",
        ] {
            let response = open.send("POST", "/api/v1/destinations", token: tenant.token, ["url": .string(url)])
            #expect(response.status == 201)
        }
        let other = open.send("POST", "/api/v1/destinations", token: tenant.token, ["url": "ws://x.example"])
        #expect(other.sentence == "url must have the scheme https or http")
    }

    @Test func `A patch leaves out what stays`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(
            tenant,
            [
                "authType": "BearerToken", "credentials": ["token": "sesame"],
                "retryPolicy": ["plugin": "Fixed", "settings": ["delaySeconds": .number("0.50")]],
                "transformers": [["plugin": "Salt", "settings": ["note": "n", "salt": "s"]]],
            ])
        harness.clock.advance(by: .seconds(5))
        let response = patch(
            tenant, destination, ["status": "INACTIVE", "url": "https://new.example/", "authType": nil])
        #expect(response.status == 200)
        #expect(response.document["status"] == "Inactive")
        #expect(response.document["url"] == "https://new.example/")
        #expect(response.document["updatedAt"] == "2026-08-01T09:00:05.000Z")
        for name in ["authType", "authenticator", "retryPolicy", "transformers", "serverRateLimit", "createdAt"] {
            #expect(response.document[name] == destination[name])
        }
        #expect(response.text.contains(#""delaySeconds":0.50"#))
        #expect(authenticator(destination) == #"BearerToken{"token":"sesame"}"#)
        let removed = patch(tenant, destination, ["retryPolicy": nil, "transformers": nil, "authenticator": nil])
        #expect(removed.document["retryPolicy"] == .null)
        #expect(removed.document["transformers"] == [])
        #expect(removed.document["authenticator"] == .null)
        #expect(removed.document["authType"] == .null)
    }

    @Test(arguments: [
        (["status": "suspended"], "status must not be set to suspended: that is the circuit breaker's"),
        (["status": "asleep"], "status must be active or inactive"),
        (["status": ""], "status must be active or inactive"),
    ] as [(JSONValue, String)])
    func `The breaker's status and unknown ones are refused`(body: JSONValue, sentence: String) {
        let tenant = harness.makeTenant()
        let response = patch(tenant, harness.makeDestination(tenant), body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `Setting active brings a suspended destination back`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)
        let id = DestinationID(destination["id"]!.text!)!
        harness.pool.inspect { $0.destinations[id]!.record.status = .suspended }
        #expect(patch(tenant, destination, ["serverRateLimit": 2]).document["status"] == "Suspended")
        #expect(patch(tenant, destination, ["status": "active"]).document["status"] == "Active")
    }

    @Test func `The breaker's state is shown and a patch does not touch it`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)
        let id = DestinationID(destination["id"]!.text!)!
        harness.pool.inspect { [now = harness.clock.now] store in
            store.destinations[id]!.record.breaker = BreakerRecord(
                destinationID: id, state: .open, consecutiveFailures: 6, nextProbeAt: now + .seconds(300))
        }
        let response = patch(tenant, destination, ["serverRateLimit": 2])
        #expect(response.document["circuitBreakerState"] == "Open")
        #expect(response.document["circuitBreakerFailures"] == 6)
        #expect(response.document["circuitBreakerNextCheckAt"] == "2026-08-01T09:05:00.000Z")
    }

    @Test func `An ingest token can be replaced`() throws {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)
        let id = destination["id"]!.text!
        let response = harness.send("POST", "/api/v1/destinations/\(id)/ingest-token", token: tenant.token)
        #expect(response.status == 200)
        let token = try #require(response.document["ingestToken"]?.text)
        #expect(response.document.members.count == 1)
        #expect(token != destination["ingestToken"]?.text)
        #expect(harness.pool.inspect { $0.destinations[DestinationID(id)!]!.hash } == SHA256.hash(Array(token.utf8)))
    }

    @Test func `A list can be filtered by status`() {
        let tenant = harness.makeTenant()
        _ = harness.makeDestination(tenant)
        _ = patch(tenant, harness.makeDestination(tenant), ["status": "inactive"])
        for (query, total) in [("", 2), ("?Status=Active", 1), ("?status=1", 1), ("?Status=suspended", 0)] {
            let response = harness.send("GET", "/api/v1/destinations\(query)", token: tenant.token)
            #expect(response.document["total"]?.integer == total)
        }
        let unknown = harness.send("GET", "/api/v1/destinations?Status=gone", token: tenant.token)
        #expect(unknown.sentence == "Status must be one of Active, Inactive, Suspended")
    }

    @Test func `A plugin that hangs over its settings does not keep the request`() {
        let harness = Harness(limits: {
            $0.pluginCreate = .milliseconds(10)
            $0.pluginCall = .milliseconds(10)
        })
        let tenant = harness.makeTenant()
        func create(_ settings: JSONValue) -> HTTPResponse {
            harness.send(
                "POST", "/api/v1/destinations", token: tenant.token,
                ["url": "https://hooks.example/in", "retryPolicy": ["plugin": "Stuck", "settings": settings]])
        }
        #expect(create([:]).status == 201)
        for _ in 0..<2 {
            let refused = create(["hangs": true])
            #expect(refused.status == 503 && refused.header("Retry-After") == "2")
            #expect(refused.sentence?.hasPrefix("the retry policy Stuck did not come back from a check") == true)
        }
        // It has its thread already and gets no second one; other plugins are none the worse.
        #expect(create([:]).status == 503)
        #expect(harness.makeDestination(tenant, ["authType": 1, "credentials": ["token": "t"]])["id"] != nil)
    }

    @Test func `Settings that cannot be opened any more are shown as null and can be replaced`() {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant, ["authType": 1, "credentials": ["token": "sesame"]])
        let id = DestinationID(destination["id"]!.text!)!
        harness.pool.inspect { $0.destinations[id]!.record.authenticator!.sealedSettings[20] ^= 1 }
        let shown = harness.send("GET", "/api/v1/destinations/\(id)", token: tenant.token)
        #expect(shown.document["authenticator"] == ["plugin": "BearerToken", "settings": nil])
        let mended = patch(tenant, destination, ["authType": 1, "credentials": ["token": "new"]])
        #expect(mended.status == 200)
        #expect(authenticator(destination) == #"BearerToken{"token":"new"}"#)
    }
}
