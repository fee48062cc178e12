import Crypto
import Domain
import HTTPServer
import JSON
import Ports

extension ManagementAPI {
    static let serverRateLimitDefault = 5
    static let destinationSortFields = [
        "id", "url", "status", "serverRateLimit", "authType", "createdAt", "updatedAt",
    ]

    var destinationRoutes: [Route] {
        let one = "/api/v1/destinations/{id:uuid}"
        return [
            route("POST", "/api/v1/destinations", .changeDestinations, DestinationInput.self, createDestination),
            route("GET", "/api/v1/destinations", .readDestinations, DestinationList.self, listDestinations),
            route("GET", one, .readDestinations, showDestination),
            route("PATCH", one, .changeDestinations, DestinationInput.self, changeDestination),
            route("POST", one + "/ingest-token", .changeDestinations, rotateDestinationToken),
            route("DELETE", one, .changeDestinations, DestinationDeletion.self, deleteDestination),
            route("POST", one + "/pause", .changeDestinations, pauseDestination),
            route("POST", one + "/resume", .changeDestinations, resumeDestination),
        ]
    }

    @Sendable private func createDestination(
        _ call: Call, _ caller: Caller, _ input: DestinationInput
    ) throws -> HTTPResponse {
        guard try pool.withStore({ try $0.tenant(caller.tenantID) }) != nil else {
            throw Refusal.notFound("the tenant does not exist any more")
        }
        guard let url = input.url else { throw Refusal.invalid("url is required") }
        let now = settings.clock()
        var destination = DestinationRecord(
            id: newID(), tenantID: caller.tenantID, url: url, status: .active,
            serverRateLimit: Self.serverRateLimitDefault, authType: nil, authenticator: nil, transformers: [],
            retryPolicy: nil, breaker: nil, createdAt: now, updatedAt: now)
        try apply(input, to: &destination)
        let token = Tokens.make(prefix: "dst_")
        try pool.withStore {
            try $0.createDestination(
                destination, shard: Shard(of: destination.id, count: shardCount),
                tokenHash: SHA256.hash(Array(token.utf8)))
        }
        return .created(
            "/api/v1/destinations/\(destination.id)", document(destination, adding: [("ingestToken", .string(token))]))
    }

    @Sendable private func listDestinations(
        _ call: Call, _ caller: Caller, _ input: DestinationList
    ) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.destinationSortFields)
        let page = try pool.withStore { try $0.destinations(of: caller.tenantID, status: input.status, query) }
        return .json(200, .list(total: page.total, page.rows.map { document($0) }))
    }

    @Sendable private func showDestination(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        .json(200, document(try ownDestination(call.id("id"), caller)))
    }

    /// All or nothing: every rule is checked, and every plugin has accepted its settings, before the row is written.
    /// What others changed meanwhile stays: the change is then made once more, on the row as it is by now.
    @Sendable private func changeDestination(
        _ call: Call, _ caller: Caller, _ input: DestinationInput
    ) throws -> HTTPResponse {
        let id = try call.id("id", of: Destination.self)
        for _ in 0..<2 {
            var destination = try ownDestination(id, caller)
            if let status = try input.checkedStatus() { destination.status = status }
            try apply(input, to: &destination)
            destination.updatedAt = settings.clock()
            switch try pool.withStore({ [destination] in try $0.updateDestination(destination) }) {
            case .done: return .json(200, document(destination))
            case .unknown: throw Refusal.notFound
            case .outdated: continue
            }
        }
        throw Refusal.conflict("the destination is being changed by others at the same time")
    }

    @Sendable private func rotateDestinationToken(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Destination.self)
        let token = Tokens.make(prefix: "dst_")
        try pool.withStore { store in
            try requireOwner(try store.owner(ofDestination: id), is: caller)
            let hash = SHA256.hash(Array(token.utf8))
            guard try store.rotateDestinationToken(id, of: caller.tenantID, tokenHash: hash) else {
                throw Refusal.notFound
            }
        }
        return .json(200, ["ingestToken": .string(token)])
    }

    func ownDestination(_ id: DestinationID, _ caller: Caller) throws -> DestinationRecord {
        try pool.withStore { store in
            try requireOwner(try store.owner(ofDestination: id), is: caller)
            guard let destination = try store.destination(id, of: caller.tenantID) else { throw Refusal.notFound }
            return destination
        }
    }

    /// Checks what a request says and writes it into the record; what the request leaves out stays.
    private func apply(_ input: DestinationInput, to destination: inout DestinationRecord) throws {
        if let url = input.url {
            try urls.check(url)
            destination.url = url
        }
        try atLeastOne(input.serverRateLimit, "serverRateLimit")
        if let limit = input.serverRateLimit { destination.serverRateLimit = limit }

        let (authenticator, authType) = try input.authentication(current: destination.authType)
        destination.authType = authType
        destination.authenticator = try sealed(
            authenticator, .authenticator, destination, replacing: destination.authenticator)
        destination.retryPolicy = try sealed(
            input.retryPolicy, .retryPolicy, destination, replacing: destination.retryPolicy)
        switch input.transformers {
        case .keep: break
        case .remove: destination.transformers = []
        case .set(let inputs):
            // The second Redact replaces the second Redact, wherever in the list they stand.
            var old = destination.transformers
            destination.transformers = try inputs.map { input in
                let index = old.firstIndex { $0.plugin.isExactly(input.plugin) }
                return try pluginUses(of: destination.tenantID).sealed(
                    input, .transformer, for: destination.id, replacing: index.map { old.remove(at: $0) })
            }
        }
    }

    private func sealed(
        _ change: Change<PluginInput>, _ kind: PluginKind, _ destination: DestinationRecord,
        replacing previous: SealedPluginUse?
    ) throws -> SealedPluginUse? {
        switch change {
        case .keep: previous
        case .remove: nil
        case .set(let input):
            try pluginUses(of: destination.tenantID).sealed(input, kind, for: destination.id, replacing: previous)
        }
    }

    private var urls: DestinationURL {
        DestinationURL(allowsHTTP: settings.allowsHTTP, hostProblem: settings.hostProblem)
    }

    private func pluginUses(of tenant: TenantID) -> PluginUses {
        PluginUses(
            catalog: catalog, vault: vault, limits: limits, urls: urls, boundedCalls: boundedCalls, tenant: tenant)
    }

    func document(
        _ destination: DestinationRecord, adding extra: [(name: String, value: JSONValue)] = []
    ) -> JSONValue {
        let uses = pluginUses(of: destination.tenantID)
        let id = destination.id
        let members: JSONObject = [
            "id": .id(id), "tenantId": .id(destination.tenantID), "url": .string(destination.url),
            "status": .string(destination.status.name), "paused": .bool(destination.pausedAt != nil),
            "pausedAt": .time(destination.pausedAt), "serverRateLimit": .count(destination.serverRateLimit),
            "authType": .text(destination.authType?.name),
            "authenticator": uses.shown(destination.authenticator, .authenticator, of: id),
            "transformers": .array(destination.transformers.map { uses.shown($0, .transformer, of: id) }),
            "retryPolicy": uses.shown(destination.retryPolicy, .retryPolicy, of: id),
            "circuitBreakerState": .string((destination.breaker?.state ?? .closed).name),
            "circuitBreakerFailures": .count(destination.breaker?.consecutiveFailures ?? 0),
            "circuitBreakerNextCheckAt": .time(destination.breaker?.nextProbeAt),
            "createdAt": .time(destination.createdAt), "updatedAt": .time(destination.updatedAt),
        ]
        return .object(JSONObject(members.members + extra))
    }
}
