import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

/// What a patch does to secrets that the client was never shown.
@Suite struct DestinationSecretsTests {
    let harness = Harness()

    private func patch(_ tenant: TestTenant, _ id: String, _ body: JSONValue) -> HTTPResponse {
        harness.send("PATCH", "/api/v1/destinations/\(id)", token: tenant.token, body)
    }

    private func opened(_ id: String, _ kind: PluginKind, _ use: SealedPluginUse) -> JSONValue {
        let identity = SealIdentity.pluginSettings(of: DestinationID(id)!, kind: kind.word)
        return try! JSONValue(parsing: try! harness.vault.open(use.sealedSettings, for: identity))
    }

    private func record(_ id: String) -> DestinationRecord {
        harness.pool.inspect { $0.destinations[DestinationID(id)!]!.record }
    }

    @Test(arguments: [
        // Named again without credentials: kept.
        (["authType": "BasicAuth"], "BasicAuth", ["username": "u", "password": "p"]),
        // The secret left out: kept, while the rest changes.
        (["authType": "basicauth", "credentials": ["username": "v"]], "BasicAuth",
            ["username": "v", "password": "p"]),
        // The secret sent back as it was shown: kept.
        (["authType": "BasicAuth", "credentials": ["username": "v", "password": "********"]], "BasicAuth",
            ["username": "v", "password": "p"]),
        // A new secret: taken.
        (["authType": "BasicAuth", "credentials": ["username": "u", "password": "q"]], "BasicAuth",
            ["username": "u", "password": "q"]),
        (["authenticator": ["plugin": "BasicAuth", "settings": ["username": "w"]]], "BasicAuth",
            ["username": "w", "password": "p"]),
        // Another plugin: nothing of the old one.
        (["authType": "BearerToken", "credentials": ["token": "t"]], "BearerToken", ["token": "t"]),
        (["removeAuth": false], "BasicAuth", ["username": "u", "password": "p"]),
        (["removeAuth": true], nil, nil),
        // Removing wins over everything else that is said.
        (["removeAuth": true, "authType": "Nonsense", "credentials": [:]], nil, nil),
    ] as [(JSONValue, String?, JSONValue)])
    func `Secrets that a patch leaves out keep their value`(body: JSONValue, plugin: String?, settings: JSONValue) {
        let tenant = harness.makeTenant()
        let id = harness.makeDestination(
            tenant, ["authType": "BasicAuth", "credentials": ["username": "u", "password": "p"]])["id"]!.text!
        let response = patch(tenant, id, body)
        #expect(response.status == 200)
        #expect(!response.text.contains("\"p\""))
        let use = record(id).authenticator
        #expect(use?.plugin == plugin)
        if let use { #expect(sorted(opened(id, .authenticator, use)) == sorted(settings)) }
        let usesShortForm = body.members?["authenticator"] == nil
        #expect(response.document["authType"] == .text(usesShortForm ? plugin : nil))
    }

    @Test func `Another type without credentials is refused`() {
        let tenant = harness.makeTenant()
        let id = harness.makeDestination(
            tenant, ["authType": "BearerToken", "credentials": ["token": "t"]])["id"]!.text!
        let response = patch(tenant, id, ["authType": "BasicAuth"])
        #expect(response.status == 400)
        #expect(response.sentence == "credentials are required with authType")
        #expect(record(id).authType == .bearerToken)
    }

    @Test func `A destination sent back as it was shown stays as it was`() {
        let tenant = harness.makeTenant()
        let shown = harness.makeDestination(
            tenant,
            [
                "authType": "BearerToken", "credentials": ["token": "sesame"],
                "transformers": [["plugin": "Salt", "settings": ["note": "n", "salt": "s"]]],
                "retryPolicy": ["plugin": "Fixed", "settings": ["delaySeconds": 3]],
            ])
        let id = shown["id"]!.text!
        let response = patch(tenant, id, .object(shown))
        #expect(response.status == 200)
        #expect(response.document["authType"] == "BearerToken")
        let row = record(id)
        #expect(opened(id, .authenticator, row.authenticator!) == ["token": "sesame"])
        #expect(sorted(opened(id, .transformer, row.transformers[0])) == ["note": "n", "salt": "s"])
        #expect(opened(id, .retryPolicy, row.retryPolicy!) == ["delaySeconds": 3])
    }

    @Test func `A transformer keeps its secret in its place and of its plugin alone`() {
        let tenant = harness.makeTenant()
        let id = harness.makeDestination(
            tenant, ["transformers": [["plugin": "Salt", "settings": ["note": "n", "salt": "s"]]]])["id"]!.text!
        let two = patch(
            tenant, id,
            [
                "transformers": [
                    ["plugin": "Salt", "settings": ["note": "m"]], ["plugin": "Salt", "settings": ["note": "k"]],
                ]
            ])
        #expect(two.status == 400)
        #expect(two.sentence == "transformers[1].settings: salt is required")
        let one = patch(tenant, id, ["transformers": [["plugin": "Salt", "settings": ["note": "m"]]]])
        #expect(one.status == 200)
        #expect(sorted(opened(id, .transformer, record(id).transformers[0])) == ["note": "m", "salt": "s"])
    }

    @Test func `Secrets inside nested objects are kept too`() {
        let schema: JSONValue = [
            "properties": ["outer": ["properties": ["key": ["writeOnly": true], "name": [:]]], "open": [:]]
        ]
        let kept = SecretFields(schema: schema.serialized()).keeping(
            ["outer": ["key": "k", "name": "n"], "open": "o"], shownAs: ["outer": ["key": "*", "name": "n"]],
            in: ["outer": ["name": "m", "key": "*"]])
        #expect(JSONValue.object(kept).serializedText() == #"{"outer":{"name":"m","key":"k"}}"#)
    }

    /// Settings with a list of accounts, a list of secret texts and a map of secret headers.
    private static let deepSchema: JSONValue = [
        "properties": [
            "accounts": ["items": ["properties": ["name": [:], "password": ["writeOnly": true]]]],
            "salts": ["items": ["writeOnly": true]],
            "headers": ["additionalProperties": ["writeOnly": true]],
        ]
    ]

    @Test(arguments: [
        // As it was shown: all is kept.
        (#"{"accounts":[{"name":"a","password":"*"},{"name":"b","password":"*"}]}"#,
            #"{"accounts":[{"name":"a","password":"1"},{"name":"b","password":"2"}]}"#),
        // Left out, and the other way round: a secret goes with its account.
        (#"{"accounts":[{"name":"b"},{"name":"a"}]}"#,
            #"{"accounts":[{"name":"b","password":"2"},{"name":"a","password":"1"}]}"#),
        // Renamed in its place.
        (#"{"accounts":[{"name":"a"},{"name":"c"}]}"#,
            #"{"accounts":[{"name":"a","password":"1"},{"name":"c","password":"2"}]}"#),
        // The first one removed: the second one's secret comes with it, and the first one's goes nowhere.
        (#"{"accounts":[{"name":"b"},{"name":"c"}]}"#,
            #"{"accounts":[{"name":"b","password":"2"},{"name":"c"}]}"#),
        // A new one.
        (#"{"accounts":[{"name":"a"},{"name":"b"},{"name":"c","password":"3"}]}"#,
            #"{"accounts":[{"name":"a","password":"1"},{"name":"b","password":"2"},{"name":"c","password":"3"}]}"#),
        // A list of secrets: one kept in its place, one new.
        (#"{"salts":["*","new"]}"#, #"{"salts":["s","new"]}"#),
        // A map of secrets: one kept, one new, one left out.
        (#"{"headers":{"x":"*","z":"new"}}"#, #"{"headers":{"z":"new","x":"3"}}"#),
        // A list that is left out as a whole is gone.
        (#"{}"#, #"{}"#),
    ])
    func `Secrets inside lists and maps are kept where they belong`(sent: String, kept: String) {
        func object(_ text: String) -> JSONObject { try! JSONValue(parsing: Array(text.utf8)).members! }
        let old = #"{"accounts":[{"name":"a","password":"1"},{"name":"b","password":"2"}],"salts":["s"],"#
        let shown = #"{"accounts":[{"name":"a","password":"*"},{"name":"b","password":"*"}],"salts":["*"],"#
        let merged = SecretFields(schema: Self.deepSchema.serialized()).keeping(
            object(old + #""headers":{"x":"3","y":"4"}}"#), shownAs: object(shown + #""headers":{"x":"*","y":"*"}}"#),
            in: object(sent))
        #expect(JSONValue.object(merged).serializedText() == kept)
    }

    /// Of as many elements and members as settings may have. Work for each pair of them would take minutes.
    @Test func `Long lists and maps are merged in no time`() {
        let numbers = Array(0..<6_000)
        func settings(_ numbers: [Int], _ secret: (Int) -> JSONValue?) -> JSONObject {
            let accounts = numbers.map { number -> JSONValue in
                let password = secret(number).map { (name: "password", value: $0) }
                return .object(JSONObject([("name", JSONValue(number))] + [password].compactMap { $0 }))
            }
            let headers = numbers.map { (name: "x\($0)", value: secret($0) ?? "*") }
            let same = [JSONValue](repeating: [:], count: numbers.count * 2)
            return ["accounts": .array(accounts + same), "headers": .object(JSONObject(headers))]
        }
        let old = settings(numbers) { .string("s\($0)") }
        let shown = settings(numbers) { _ in "*" }
        let sent = settings(numbers.reversed()) { _ in nil }
        let began = ContinuousClock.now
        let merged = SecretFields(schema: Self.deepSchema.serialized()).keeping(old, shownAs: shown, in: sent)
        #expect(ContinuousClock.now - began < .seconds(20))
        let accounts = merged["accounts"]?.elements ?? []
        #expect(accounts.count == numbers.count * 3)
        #expect(accounts.first == ["name": 5_999, "password": "s5999"])
        #expect(accounts[5_999] == ["name": 0, "password": "s0"])
        let headers = merged["headers"]?.members?.members ?? []
        #expect(headers.count == 6_000)
        #expect(headers.allSatisfy { $0.value == .string("s\($0.name.dropFirst())") })
    }

    @Test func `Settings that are too long are refused before anything is done with them`() {
        let tenant = harness.makeTenant()
        func settings(_ count: Int) -> JSONValue { ["a": .array(Array(repeating: 2, count: count))] }
        func body(_ count: Int) -> JSONValue { ["transformers": [["plugin": "Plain", "settings": settings(count)]]] }
        let id = harness.makeDestination(tenant, body(32_000).members!)["id"]!.text!
        let began = ContinuousClock.now
        let response = patch(tenant, id, body(500_000))
        #expect(response.status == 400)
        #expect(response.sentence == "transformers[0].settings must not be longer than 65536 bytes")
        #expect(patch(tenant, id, body(31_999)).status == 200)
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test func `Kept secrets count towards the length of settings`() {
        let tenant = harness.makeTenant()
        func body(_ settings: JSONValue) -> JSONValue { ["transformers": [["plugin": "Salt", "settings": settings]]] }
        let salt = JSONValue.string(String(repeating: "s", count: 40_000))
        let id = harness.makeDestination(tenant, body(["note": "n", "salt": salt]).members!)["id"]!.text!
        let response = patch(tenant, id, body(["note": .string(String(repeating: "n", count: 40_000))]))
        #expect(response.status == 400)
        #expect(response.sentence == "transformers[0].settings must not be longer than 65536 bytes")
    }

    @Test func `A transformer takes its secret along to another place in the list`() {
        let tenant = harness.makeTenant()
        let id = harness.makeDestination(
            tenant,
            [
                "transformers": [
                    ["plugin": "Salt", "settings": ["note": "n", "salt": "s"]], ["plugin": "Plain", "settings": [:]],
                ]
            ])["id"]!.text!
        let turned = patch(
            tenant, id,
            ["transformers": [["plugin": "Plain", "settings": [:]], ["plugin": "Salt", "settings": ["note": "m"]]]])
        #expect(turned.status == 200)
        #expect(sorted(opened(id, .transformer, record(id).transformers[1])) == ["note": "m", "salt": "s"])
    }

    private func sorted(_ value: JSONValue) -> JSONValue {
        guard let members = value.members else { return value }
        return .object(JSONObject(members.members.sorted { $0.name > $1.name }.reversed()))
    }
}
