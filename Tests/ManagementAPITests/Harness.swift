import Crypto
import Domain
import HTTPServer
import JSON
import Ports
import Synchronization

@testable import ManagementAPI

private final class KeptAnswer: Responder {
    let response = Mutex<HTTPResponse?>(nil)
    func respond(_ response: HTTPResponse) { self.response.withLock { $0 = response } }
}

/// The whole API over a store in memory; requests go straight to the handlers of the routes that match.
struct Harness: Sendable {
    let clock = TestClock()
    let pool: MemoryPool
    let api: ManagementAPI
    let vault: Vault
    let tokens = AccessTokens(key: Array(101...132), issuer: "test", audience: "test")
    static let password = "correct horse"

    init(
        _ change: (inout ManagementSettings) -> Void = { _ in }, limits changeLimits: (inout Limits) -> Void = { _ in }
    ) {
        let clock = clock
        pool = MemoryPool(clock: clock)
        vault = try! Vault(masterKey: Array(1...32))
        var settings = ManagementSettings(clock: { clock.now })
        settings.hostProblem = { ["10.0.0.1", "10.1.1.1"].contains($0) ? "must not lead to a private address" : nil }
        settings.acceptTestEvent = { [pool] payload, target in pool.inspect { $0.accept(test: payload, for: target) } }
        change(&settings)
        var limits = Limits()
        changeLimits(&limits)
        api = ManagementAPI(
            pool: pool, streamPool: pool, catalog: TestCatalog(), vault: vault, tokens: tokens,
            hasher: PasswordHasher(cost: ScryptCost(log2N: 4, blockSize: 1, parallelism: 1)), limits: limits,
            shardCount: 16, settings: settings)
    }

    /// path: with an optional query, whose names and values must need no escapes. body: bytes as they are; nil: none.
    func send(
        _ method: String, _ path: String, token: String? = nil, raw body: [UInt8]? = nil,
        headers: [(name: String, value: String)] = [], from address: String = "203.0.113.7"
    ) -> HTTPResponse {
        let halves = path.split(separator: "?", maxSplits: 1).map { String($0) }
        let pairs = halves.count < 2 ? [] : halves[1].split(separator: "&")
        let query = pairs.map { pair -> (name: String, value: String) in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(sides[0]), value: sides.count > 1 ? String(sides[1]) : "")
        }
        var headers = headers
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if body != nil, !headers.contains(where: { $0.name == "Content-Type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        for route in api.routes where route.method == method {
            guard let parameters = match(route.pattern, halves[0]) else { continue }
            let request = HTTPRequest(
                id: "request-1", method: method, path: halves[0], parameters: parameters, query: query,
                headers: headers, body: body ?? [], remoteAddress: address)
            switch route.handler {
            case .blocking(let answer): return answer(request)
            case .inline(let answer):
                let responder = KeptAnswer()
                answer(request, responder)
                if let response = responder.response.withLock({ $0 }) { return response }
            }
        }
        return HTTPResponse(status: 599)
    }

    func send(
        _ method: String, _ path: String, token: String? = nil, _ body: JSONValue,
        headers: [(name: String, value: String)] = [], from address: String = "203.0.113.7"
    ) -> HTTPResponse {
        send(method, path, token: token, raw: body.serialized(), headers: headers, from: address)
    }

    /// A tenant with its Owner, straight into the store: the limit on creations is not what most tests are about.
    func makeTenant(_ name: String = "Northwind") -> TestTenant {
        let tenant = TenantRecord(
            id: api.newID(), name: name, maxTrys: 10, circuitBreakerTimer: 300, createdAt: clock.now,
            updatedAt: clock.now)
        let owner = makeUser(of: tenant.id, .owner, email: "owner@\(name.lowercased()).example")
        let secret = Tokens.webhookSecret()
        let sealed = vault.seal(Array(secret.utf8), for: SealIdentity.webhookSecret(of: tenant.id))
        pool.inspect { try! $0.createTenant(tenant, owner: owner, sealedSecret: sealed) }
        return TestTenant(id: tenant.id, owner: owner, secret: secret, token: accessToken(owner))
    }

    func makeUser(of tenant: TenantID, _ role: UserRole, email: String) -> UserRecord {
        UserRecord(
            id: api.newID(), tenantID: tenant, email: email, passwordHash: api.hasher.hash(Self.password), role: role,
            status: .active, createdAt: clock.now, updatedAt: clock.now)
    }

    /// The access token of a new user with this role.
    func member(of tenant: TestTenant, _ role: UserRole) -> String {
        let user = makeUser(of: tenant.id, role, email: "\(role)-\(api.newID(of: User.self))@example.com")
        pool.inspect { try! $0.createUser(user) }
        return accessToken(user)
    }

    func accessToken(_ user: UserRecord) -> String {
        tokens.issue(
            AccessClaims(
                tokenID: api.newID(), userID: user.id, tenantID: user.tenantID, email: user.email, role: user.role),
            now: clock.now, lifetime: .seconds(900))
    }

    func makeDestination(_ tenant: TestTenant, _ fields: JSONObject = [:]) -> JSONObject {
        let body = JSONValue.object(JSONObject([("url", "https://hooks.example/in")] + fields.members))
        return send("POST", "/api/v1/destinations", token: tenant.token, body).document
    }

    func makeSender(_ tenant: TestTenant, destination: String) -> JSONObject {
        send("POST", "/api/v1/destinations/\(destination)/senders", token: tenant.token, ["label": "billing"]).document
    }

    func makeNotification(_ tenant: TestTenant, readAt: Timestamp? = nil) -> NotificationID {
        let id = api.newID(of: Notification.self)
        let notification = NotificationRecord(
            id: id, tenantID: tenant.id, type: NotificationType.breakerOpened.rawValue, title: "Circuit breaker opened",
            body: "Deliveries to northwind wait.", destinationID: nil, count: 1, createdAt: clock.now, readAt: readAt)
        pool.inspect { $0.notifications[id] = notification }
        return id
    }

    func makeEvent(
        _ tenant: TestTenant, destination: String, _ status: EventStatus = .pending, payload: String = "{}",
        attempts: Int = 0
    ) -> EventID {
        let id = api.newID(of: Event.self)
        let item = WorkItem(
            eventID: id, tenantID: tenant.id, destinationID: DestinationID(destination)!, attemptsFinished: attempts,
            attemptsThisRound: attempts, acceptedAt: clock.now, contentType: "application/json",
            payload: Array(payload.utf8))
        let event = EventRecord(
            item: item, destinationURL: "https://hooks.example/in", senderID: nil, status: status,
            idempotencyKey: "order-17", nextAttemptAt: nil, deliveredAt: nil, mappingError: nil)
        pool.inspect { $0.events[id] = event }
        return id
    }
}

struct TestTenant: Sendable {
    let id: TenantID
    let owner: UserRecord
    let secret: String
    let token: String
}

/// The placeholders' values if the path fits the pattern.
private func match(_ pattern: String, _ path: String) -> [String: String]? {
    let wanted = pattern.split(separator: "/")
    let given = path.split(separator: "/")
    guard wanted.count == given.count else { return nil }
    var parameters: [String: String] = [:]
    for (want, have) in zip(wanted, given) {
        guard want.hasPrefix("{") else {
            if want != have { return nil }
            continue
        }
        let parts = want.dropFirst().dropLast().split(separator: ":")
        if parts.count == 2, ID<Event>(have) == nil { return nil }
        parameters[String(parts[0])] = String(have)
    }
    return parameters
}

extension HTTPResponse {
    var value: JSONValue? { try? JSONValue(parsing: body) }
    var document: JSONObject { value?.members ?? JSONObject([]) }
    /// The body as a JSON string that is the whole document.
    var sentence: String? { value?.text }
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
