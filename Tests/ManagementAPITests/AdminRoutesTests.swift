import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct AdminRoutesTests {
    private static let token = "0123456789abcdef0123456789abcdef"
    private static let libraries = [
        PluginLibraryStatus(
            path: "/opt/libStamp.so", digest: String(repeating: "a", count: 64), generation: 2, isIsolated: true,
            state: .quarantined, pause: .seconds(60), reason: "Stamp crashed with SIGSEGV", restarts: 4,
            refusal: "is writable by its group",
            components: [
                PluginDescription(
                    name: "Stamp", kind: .authenticator, version: "1.2.0", description: "", settingsSchema: [],
                    library: "/opt/libStamp.so", digest: "")
            ])
    ]

    private let harness = Harness {
        $0.operatorToken = token
        $0.plugins = PluginAdministration(
            generation: { 2 }, libraries: { libraries }, refusals: { [] },
            reload: { PluginReload(generation: 2, loaded: [], removed: [], unchanged: 1, refused: []) })
    }

    @Test func `the operator sees how each library is, and why`() throws {
        let response = harness.send("GET", "/api/v1/admin/plugins", headers: [("X-Operator-Token", Self.token)])
        #expect(response.status == 200)
        let library = try #require(response.document["libraries"]?.elements?.first?.members)
        let expected: JSONObject = [
            "path": "/opt/libStamp.so", "digest": .string(String(repeating: "a", count: 64)), "generation": 2,
            "isolation": "process", "state": "quarantined", "until": "2026-08-01T09:01:00.000Z",
            "reason": "Stamp crashed with SIGSEGV", "restarts": 4, "refusal": "it is writable by its group",
            "components": [["name": "Stamp", "kind": "hks.authenticator/1", "version": "1.2.0"]],
        ]
        #expect(library == expected)
    }

    @Test(arguments: ["GET /api/v1/admin/plugins", "POST /api/v1/admin/plugins/reload"])
    func `nobody else may`(route: String) {
        let (method, path) = (route.split(separator: " ")[0], route.split(separator: " ")[1])
        func send(_ headers: [(name: String, value: String)], token: String? = nil) -> HTTPResponse {
            harness.send(String(method), String(path), token: token, headers: headers)
        }
        #expect(send([("X-Operator-Token", Self.token)]).status == 200)
        #expect(send([]).status == 401)
        #expect(send([("X-Operator-Token", Self.token + "0")]).status == 401)
        #expect(send([], token: harness.makeTenant().token).status == 401)
    }
}
