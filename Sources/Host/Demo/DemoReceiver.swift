import Crypto
import HTTPServer
import JSON
import Synchronization

/// A destination on loopback: takes deliveries, verifies their signatures, misbehaves where it is told to, and plays
/// the token endpoint of an OAuth 2.0 partner.
final class DemoReceiver: Sendable {
    struct Delivery: Sendable {
        var path: String
        var eventID: String
        var headers: [String: String]
        var body: [UInt8]
        var at: ContinuousClock.Instant
        /// By both rules: the original header and Standard Webhooks.
        var isSigned: Bool
    }

    static let token = "partner-access-token"

    private struct State {
        var deliveries: [Delivery] = []
        var flakyCalls = 0
    }

    private let state = Mutex(State())
    private let secret = Mutex("")
    private let server = Mutex<HTTPServer?>(nil)

    func start() throws -> Int {
        let server = HTTPServer(
            configuration: HTTPServer.Configuration(),
            routes: [
                Route("POST", "/oauth/token", .inline { self.issueToken($0, $1) }),
                Route("POST", "/hooks/{name}", .inline { self.take($0, $1) }),
            ])
        try server.start()
        self.server.withLock { $0 = server }
        return server.port
    }

    func stop() { server.withLock { $0 }?.stop(grace: .seconds(1)) }

    func verify(with secret: String) { self.secret.withLock { $0 = secret } }

    func deliveries(of event: String) -> [Delivery] { state.withLock { $0.deliveries.filter { $0.eventID == event } } }

    private func take(_ request: HTTPRequest, _ responder: any Responder) {
        let delivery = Delivery(
            path: request.path, eventID: request.header("webhook-id") ?? "",
            headers: Dictionary(
                request.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }),
            body: request.body, at: .now, isSigned: isSigned(request))
        let name = request.parameters["name"]
        let status = state.withLock { state in
            state.deliveries.append(delivery)
            guard name == "flaky" else { return 200 }
            state.flakyCalls += 1
            return state.flakyCalls <= 2 ? 503 : 200
        }
        responder.respond(HTTPResponse(status: status))
    }

    private func isSigned(_ request: HTTPRequest) -> Bool {
        let secret = secret.withLock { $0 }
        guard let id = request.header("webhook-id"),
            let timestamp = request.header("webhook-timestamp").flatMap(Int64.init)
        else { return false }
        return request.header("X-HookSentry-Signature") == WebhookSignature.original(over: request.body, secret: secret)
            && request.header("webhook-signature")
                == WebhookSignature.standard(id: id, timestamp: timestamp, over: request.body, secret: secret)
    }

    private func issueToken(_ request: HTTPRequest, _ responder: any Responder) {
        let form = String(decoding: request.body, as: UTF8.self)
        guard form.contains("grant_type=client_credentials"), form.contains("client_id=hooksentry") else {
            return responder.respond(HTTPResponse(status: 400))
        }
        let answer: JSONValue = ["access_token": .string(Self.token), "token_type": "Bearer", "expires_in": 3600]
        responder.respond(
            HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: answer.serialized()))
    }
}
