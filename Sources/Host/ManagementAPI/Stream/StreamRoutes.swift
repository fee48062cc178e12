import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `GET /stream`
struct StreamRequest: Input {
    let ticket: String?
    let lastSeen: StreamPosition?

    init(reading request: RequestReader) throws(Refusal) {
        ticket = request.text("ticket")
        // A browser can send the header only when it reconnects by itself, which a ticket does not allow.
        let (name, text) =
            request.request.header("Last-Event-ID").map { ("Last-Event-ID", $0) }
            ?? ("lastEventId", request.text("lastEventId") ?? "")
        guard !text.isEmpty else {
            lastSeen = nil
            return
        }
        guard let position = StreamPosition(text) else {
            throw .invalid("\(name) must be the id of an event of this stream")
        }
        lastSeen = position
    }
}

extension ManagementAPI {
    var streamRoutes: [Route] {
        [
            openRoute("GET", "/api/v1/stream", StreamRequest.self, openStream),
            route("POST", "/api/v1/stream/ticket", .readStream, createTicket),
        ]
    }

    /// Open to all as far as the router goes: a ticket is as good as an access token, and only here.
    @Sendable private func openStream(_ call: Call, _ input: StreamRequest) throws -> HTTPResponse {
        let claims = try input.ticket.map { try redeem($0) } ?? authenticate(call.request).claims
        guard Operation.readStream.roles.contains(claims.role) else { throw Refusal.forbidden }
        var response = HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"),
                // For nginx, which would collect it first.
                ("X-Accel-Buffering", "no"),
            ])
        guard call.request.method != "HEAD" else { return response }
        let body = ResponseStream()
        let client = StreamClient(listener: StreamListener(claims), body: body, lastSeen: input.lastSeen)
        try streams.open(client) { [self] rendering, store in try streamData(rendering, store) }
        response.stream = body
        return response
    }

    @Sendable private func createTicket(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let ticket = Tokens.make(prefix: "tkt_")
        let expiresAt = settings.clock() + limits.streamTicket
        try pool.withStore {
            try $0.createStreamTicket(
                hash: SHA256.hash(Array(ticket.utf8)), for: StreamListener(caller.claims), expiresAt: expiresAt)
        }
        return .json(200, ["ticket": .string(ticket), "expiresAt": .time(expiresAt)])
    }

    private func redeem(_ ticket: String) throws -> AccessClaims {
        let listener = try pool.withStore { try $0.useStreamTicket(hash: SHA256.hash(Array(ticket.utf8))) }
        guard let listener, listener.tokenExpiresAt > settings.clock() else { throw Refusal.unauthorized }
        let claims = AccessClaims(
            tokenID: listener.tokenID.cast(), sessionID: listener.sessionID?.cast(), userID: listener.userID,
            tenantID: listener.tenantID, email: listener.email, role: listener.role,
            expiresAt: listener.tokenExpiresAt)
        try requireGoodStanding(claims)
        return claims
    }
}

extension StreamListener {
    init(_ claims: AccessClaims) {
        self.init(
            tokenID: claims.tokenID.cast(), tokenExpiresAt: claims.expiresAt, sessionID: claims.sessionID?.cast(),
            userID: claims.userID, tenantID: claims.tenantID, role: claims.role, email: claims.email)
    }
}
