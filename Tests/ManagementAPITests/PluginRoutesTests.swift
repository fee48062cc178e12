import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

private let statusRule = "failures[0].httpStatus must be from 100 to 599, and none of 2xx, 401, 403 and 404"

@Suite struct PluginRoutesTests {
    let harness: Harness
    let tenant: TestTenant

    init() {
        harness = Harness()
        tenant = harness.makeTenant()
    }

    private func simulate(_ name: String, _ body: JSONValue) -> HTTPResponse {
        harness.send("POST", "/api/v1/plugins/\(name)/simulate", token: tenant.token, body)
    }

    private func steps(_ response: HTTPResponse) -> [JSONObject] {
        response.document["steps"]?.elements?.compactMap(\.members) ?? []
    }

    @Test func `The list has what a tenant needs to choose, and nothing of the installation`() throws {
        let response = harness.send("GET", "/api/v1/plugins", token: tenant.token)
        #expect(response.status == 200)
        let items = (response.document["items"]?.elements ?? []).compactMap(\.members)
        #expect(response.document["total"]?.integer == items.count)
        let names = items.map { "\($0["kind"]!.text!) \($0["name"]!.text!)" }
        #expect(names == names.sorted() && names.contains("retry-policy Fixed"))
        let key = try #require(items.first { $0["name"]?.text == "ApiKey" })
        #expect(key.members.map(\.name) == ["name", "kind", "version", "description", "settingsSchema"])
        #expect(
            key["settingsSchema"]?.members?["properties"]?.members?["value"]
                == ["type": "string", "writeOnly": true])
        #expect(!response.text.contains("/nowhere"))
    }

    @Test func `A simulation plays the failures through, and ends with the attempts`() {
        let response = simulate(
            "Fixed",
            [
                "settings": ["delaySeconds": 5], "attempts": 4, "seed": 7,
                "failures": [["outcome": "connect"], ["httpStatus": 429, "retryAfterSeconds": 60], [:]],
            ])
        #expect(response.status == 200)
        #expect(response.document["plugin"] == "Fixed" && response.document["seed"] == 7)
        let steps = steps(response)
        #expect(steps.map { $0["attemptNumber"] } == [1, 2, 3, 4])
        #expect(steps.map { $0["outcome"] } == ["connect", "http_status", "http_status", "http_status"])
        #expect(steps.map { $0["httpStatus"] } == [0, 429, 503, 503])
        #expect(steps.map { $0["next"] } == ["again", "again", "again", "attemptsUsedUp"])
        let delays = steps.compactMap { $0["delayMs"]?.integer }
        #expect(delays.count == 3)
        #expect((5_000..<6_000).contains(delays[0]) && (60_000..<61_000).contains(delays[1]))
        #expect(steps.map { $0["elapsedMs"]?.integer } == [0, delays[0], delays[0] + delays[1], delays.reduce(0, +)])
    }

    @Test func `The same seed gives the same answer and another one another`() {
        func answer(_ seed: Int) -> String {
            simulate("Fixed", ["settings": ["delaySeconds": 5], "seed": JSONValue(seed)]).text
        }
        #expect(answer(3) == answer(3))
        #expect(answer(3) != answer(4))
        // Without a number, the tenant's own limit holds.
        #expect(steps(simulate("Fixed", ["settings": ["delaySeconds": 5]])).count == 10)
    }

    @Test func `A simulation ends when the policy gives up or breaks a rule`() {
        let gone = steps(simulate("Fixed", ["settings": ["delaySeconds": 5], "failures": [["httpStatus": 410]]]))
        #expect(gone.map { $0["next"] } == ["giveUp"])
        let fault = steps(simulate("Fixed", ["settings": ["delaySeconds": 5], "failures": [["outcome": "timeout"]]]))
        #expect(fault.map { $0["next"] } == ["fault"])
        #expect(fault[0]["error"] == "Fixed decided on action 7")
    }

    @Test(arguments: [
        (["attempts": 0], "attempts must be from 1 to 100"), (["attempts": 101], "attempts must be from 1 to 100"),
        (["seed": -1], "seed must be 0 or more"), (["settings": 3], "settings must be a JSON object"),
        (["failures": []], "failures must have 1 to 100 elements"),
        (["failures": [7]], "failures[0] must be a JSON object"),
        (["failures": [["httpStatus": 99]]] as JSONValue, statusRule),
        (["failures": [["httpStatus": "404"]]] as JSONValue, statusRule),
        (["failures": [[:], ["retryAfterSeconds": -1]]], "failures[1].retryAfterSeconds must be 0 or more"),
    ] as [(JSONValue, String)])
    func `What breaks a rule is refused with field and rule`(body: JSONValue, sentence: String) {
        let response = simulate("Fixed", body)
        #expect(response.status == 400)
        #expect(response.sentence == sentence)
    }

    @Test func `Settings that the policy refuses are 422, with its sentence`() {
        let response = simulate("Fixed", ["settings": [:]])
        #expect(response.status == 422)
        #expect(response.sentence == "settings: delaySeconds is required")
    }

    @Test(arguments: ["succeeded", "nonsense", "authentication_refused"])
    func `An outcome that no policy is asked about is refused`(outcome: String) {
        let response = simulate("Fixed", ["failures": [["outcome": .string(outcome)]]])
        #expect(response.status == 400)
        #expect(response.sentence?.contains("outcome") == true)
    }

    @Test(arguments: ["Nobody", "ApiKey"])
    func `Only a retry policy can be simulated`(name: String) {
        #expect(simulate(name, [:]).status == 404)
    }

    @Test func `A policy that hangs costs one thread, and is not asked again`() {
        let calls = BoundedCalls()
        let first = calls.run("Stuck", within: .milliseconds(50)) { () -> Int in
            while true { TestCatalog.waitForever() }
        }
        #expect(isStuck(first))
        // No second thread is given to it, and no other name is kept from running.
        #expect(isStuck(calls.run("Stuck", within: .seconds(60)) { 1 }))
        #expect(!isStuck(calls.run("Other", within: .seconds(60)) { 2 }))
    }

    @Test func `There is an end to what hangs under all names together`() {
        let calls = BoundedCalls(leftMax: 2)
        for name in ["First", "Second"] {
            #expect(!isStuck(calls.run("Other", within: .seconds(60)) { 2 }))
            let hanging = calls.run(name, within: .milliseconds(50)) { () -> Int in
                while true { TestCatalog.waitForever() }
            }
            #expect(isStuck(hanging))
        }
        #expect(isStuck(calls.run("Other", within: .seconds(60)) { 2 }))
    }

    private func isStuck(_ outcome: BoundedCalls.Outcome<Int>) -> Bool {
        if case .stuck = outcome { true } else { false }
    }

    @Test func `A hanging policy answers the request all the same`() {
        let response = simulate("Stuck", [:])
        #expect(response.status == 504)
        #expect(response.sentence == "the retry policy Stuck did not come back in time")
    }
}
