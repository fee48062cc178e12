import Testing
import Domain
import HTTPServer
import JSON

@testable import ManagementAPI

/// One call to each route that needs a token, with ids of rows that exist and a body that is accepted: made from the
/// documented routes, so that a new one is called without being named here.
struct TokenRoute: Sendable, CustomTestStringConvertible {
    let method: String
    /// `{tenant}`, `{user}`, `{destination}`, `{sender}`, `{key}`, `{invite}`, `{event}`, `{notification}` and
    /// `{replay}` stand for ids.
    let path: String
    let operation: Operation
    let body: JSONValue?

    init(_ method: String, _ path: String, _ operation: Operation, _ body: JSONValue? = nil) {
        self.method = method
        self.path = "/api/v1" + path
        self.operation = operation
        self.body = body
    }

    private init?(_ route: DocumentedRoute) {
        guard case .token(let operation) = route.access else { return nil }
        method = route.method
        path = Self.namingRows(route.path)
        // Everyone may change his own account; the fixture's user is somebody else.
        self.operation = operation == .changeOwnAccount ? .manageUsers : operation
        body = route.body.flatMap { DocumentedSchemas.all[$0.schema]?.members?["examples"]?.elements?.first }
    }

    var testDescription: String { "\(method) \(path)" }

    /// The id in the path is one that another tenant may own.
    var namesARow: Bool { path.contains("{") }

    static let all: [TokenRoute] = DocumentedGroup.all.flatMap(\.routes).compactMap { TokenRoute($0) }

    /// What `Fixture.ids` calls the row that a collection's placeholder stands for.
    static let rows = [
        "tenants": "tenant", "users": "user", "destinations": "destination", "queues": "destination",
        "senders": "sender", "apikeys": "key", "invites": "invite", "events": "event",
        "notifications": "notification", "replays": "replay",
    ]

    /// What all tenants share, and so nobody is refused.
    private static let shared = ["plugins": "Fixed", "transformers": "Salt"]

    /// The path with each placeholder named after the collection before it; one that `rows` lacks stays as it is.
    private static func namingRows(_ path: String) -> String {
        var segments = path.split(separator: "/").map { String($0) }
        for index in segments.indices.dropFirst() where segments[index].hasPrefix("{") {
            if let row = rows[segments[index - 1]] { segments[index] = "{\(row)}" }
            if let thing = shared[segments[index - 1]] { segments[index] = thing }
        }
        return "/" + segments.joined(separator: "/")
    }
}

/// A tenant with one row of everything.
struct Fixture: Sendable {
    let harness: Harness
    let tenant: TestTenant
    let ids: [String: String]

    init() {
        let harness = Harness()
        let tenant = harness.makeTenant("Northwind")
        let user = harness.makeUser(of: tenant.id, .developer, email: "somebody@northwind.example")
        harness.pool.inspect { try! $0.createUser(user) }
        let invite = harness.send("POST", "/api/v1/invites", token: tenant.token, [:])
        let destination = harness.makeDestination(
            tenant, ["authType": "BearerToken", "credentials": ["token": "northwind-credential"]])["id"]!.text!
        let sender = harness.makeSender(tenant, destination: destination)["id"]!.text!
        _ = harness.send("POST", "/api/v1/senders/\(sender)/mapping", token: tenant.token, ["northwind": "mapping"])
        let key = harness.send("POST", "/api/v1/apikeys", token: tenant.token, ["name": "northwind"])
        let event = harness.makeEvent(
            tenant, destination: destination, .criticalFailure, payload: #"{"northwind":"payload"}"#)
        let notification = harness.makeNotification(tenant)
        let replay = harness.send("POST", "/api/v1/replays", token: tenant.token, [:])
        self.harness = harness
        self.tenant = tenant
        ids = [
            "tenant": "\(tenant.id)", "user": "\(user.id)", "destination": destination, "sender": sender,
            "key": key.document["id"]!.text!, "invite": invite.document["id"]!.text!, "event": "\(event)",
            "notification": "\(notification)",
            "replay": replay.document["id"]!.text!,
        ]
    }

    /// ids: those of this fixture unless given.
    func call(_ route: TokenRoute, token: String?, ids: [String: String]? = nil) -> HTTPResponse {
        var path = route.path
        for (name, id) in ids ?? self.ids { path = path.replacing("{\(name)}", with: id) }
        return harness.send(route.method, path, token: token, raw: route.body?.serialized())
    }
}
