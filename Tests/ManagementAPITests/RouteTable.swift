import Testing
import Domain
import HTTPServer
import JSON

@testable import ManagementAPI

/// One call to each route that needs a token, with ids of rows that exist and a body that is accepted.
struct TokenRoute: Sendable, CustomTestStringConvertible {
    let method: String
    /// `{tenant}`, `{user}`, `{destination}`, `{sender}`, `{key}` and `{event}` stand for ids.
    let path: String
    let operation: Operation
    let body: JSONValue?

    init(_ method: String, _ path: String, _ operation: Operation, _ body: JSONValue? = nil) {
        self.method = method
        self.path = "/api/v1" + path
        self.operation = operation
        self.body = body
    }

    var testDescription: String { "\(method) \(path)" }

    /// The id in the path is one that another tenant may own.
    var namesARow: Bool { path.contains("{") }

    static let all: [TokenRoute] = [
        TokenRoute("POST", "/auth/logout", .logOut, ["refreshToken": "unknown"]),
        TokenRoute("GET", "/tenants/{tenant}", .readTenant),
        TokenRoute("PATCH", "/tenants/{tenant}", .changeTenant, ["maxTrys": 3]),
        TokenRoute("GET", "/tenants/{tenant}/webhook-secret", .readWebhookSecret),
        TokenRoute("POST", "/tenants/{tenant}/webhook-secret", .rotateWebhookSecret),
        TokenRoute(
            "POST", "/tenants/{tenant}/webhook-secret/verify", .verifySignature, ["payload": "", "signature": ""]),
        TokenRoute("POST", "/users", .manageUsers, ["email": "new@x", "password": "p"]),
        TokenRoute("GET", "/users", .readUsers),
        TokenRoute("GET", "/users/{user}", .readUsers),
        // Everyone may change his own account; this is somebody else's.
        TokenRoute("PATCH", "/users/{user}", .manageUsers, ["status": "Inactive"]),
        TokenRoute("DELETE", "/users/{user}", .manageUsers),
        TokenRoute("POST", "/invites", .manageInvites, ["role": "viewer"]),
        TokenRoute("GET", "/invites", .manageInvites),
        TokenRoute("POST", "/apikeys", .changeAPIKeys, ["name": "shipper"]),
        TokenRoute("GET", "/apikeys", .readAPIKeys),
        TokenRoute("DELETE", "/apikeys/{key}", .changeAPIKeys),
        TokenRoute("POST", "/destinations", .changeDestinations, ["url": "https://hooks.example/new"]),
        TokenRoute("GET", "/destinations", .readDestinations),
        TokenRoute("GET", "/destinations/{destination}", .readDestinations),
        TokenRoute("PATCH", "/destinations/{destination}", .changeDestinations, ["serverRateLimit": 9]),
        TokenRoute("POST", "/destinations/{destination}/ingest-token", .changeDestinations),
        TokenRoute("POST", "/destinations/{destination}/senders", .changeSenders, ["label": "billing"]),
        TokenRoute("GET", "/destinations/{destination}/senders", .readSenders),
        TokenRoute("GET", "/senders/{sender}", .readSenders),
        TokenRoute("DELETE", "/senders/{sender}", .changeSenders),
        TokenRoute("POST", "/senders/{sender}/ingest-token", .changeSenders),
        TokenRoute("POST", "/senders/{sender}/mapping", .changeSenders, ["id": "order"]),
        TokenRoute("GET", "/senders/{sender}/mapping", .readSenders),
        TokenRoute("DELETE", "/senders/{sender}/mapping", .changeSenders),
        TokenRoute("GET", "/events", .readEvents),
        TokenRoute("GET", "/events/{event}", .readEvents),
        TokenRoute("GET", "/events/{event}/attempts", .readEvents),
        TokenRoute("POST", "/events/{event}/replay", .replayEvents),
        TokenRoute("DELETE", "/queues/{destination}", .purgeQueue),
    ]
}

/// A tenant with one row of everything.
struct Fixture: Sendable {
    let harness: Harness
    let tenant: TestTenant
    let ids: [String: String]

    init() {
        let harness = Harness()
        let tenant = harness.makeTenant("Northwind")
        let user = harness.makeUser(of: tenant.id, .developer, email: "dev@northwind.example")
        harness.pool.inspect { try! $0.createUser(user) }
        _ = harness.send("POST", "/api/v1/invites", token: tenant.token, [:])
        let destination = harness.makeDestination(
            tenant, ["authType": "BearerToken", "credentials": ["token": "northwind-credential"]])["id"]!.text!
        let sender = harness.makeSender(tenant, destination: destination)["id"]!.text!
        _ = harness.send("POST", "/api/v1/senders/\(sender)/mapping", token: tenant.token, ["northwind": "mapping"])
        let key = harness.send("POST", "/api/v1/apikeys", token: tenant.token, ["name": "northwind"])
        let event = harness.makeEvent(
            tenant, destination: destination, .criticalFailure, payload: #"{"northwind":"payload"}"#)
        self.harness = harness
        self.tenant = tenant
        ids = [
            "tenant": "\(tenant.id)", "user": "\(user.id)", "destination": destination, "sender": sender,
            "key": key.document["id"]!.text!, "event": "\(event)",
        ]
    }

    /// ids: those of this fixture unless given.
    func call(_ route: TokenRoute, token: String?, ids: [String: String]? = nil) -> HTTPResponse {
        var path = route.path
        for (name, id) in ids ?? self.ids { path = path.replacing("{\(name)}", with: id) }
        return harness.send(route.method, path, token: token, raw: route.body?.serialized())
    }
}
