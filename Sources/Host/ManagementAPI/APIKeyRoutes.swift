import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /apikeys`
struct NewAPIKey: Input {
    let name: String

    init(reading request: RequestReader) throws(Refusal) {
        name = try request.body().required("name")
    }
}

/// `GET /apikeys`
struct APIKeyList: Input {
    let active: Bool?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        active = try request.boolean("IsActive")
        paging = try Paging(reading: request)
    }
}

extension ManagementAPI {
    static let apiKeySortFields = ["id", "name", "isActive", "createdAt", "revokedAt"]

    var apiKeyRoutes: [Route] {
        [
            route("POST", "/api/v1/apikeys", .changeAPIKeys, NewAPIKey.self, createAPIKey),
            route("GET", "/api/v1/apikeys", .readAPIKeys, APIKeyList.self, listAPIKeys),
            route("DELETE", "/api/v1/apikeys/{id:uuid}", .changeAPIKeys, revokeAPIKey),
        ]
    }

    @Sendable private func createAPIKey(_ call: Call, _ caller: Caller, _ input: NewAPIKey) throws -> HTTPResponse {
        try TextRule.apiKeyName.check(input.name)
        let key = Tokens.make(prefix: "hks_")
        let record = APIKeyRecord(
            id: newID(), tenantID: caller.tenantID, name: input.name, createdAt: settings.clock(), revokedAt: nil)
        try pool.withStore { store in
            guard try store.tenant(caller.tenantID) != nil else { throw Refusal.notFound }
            try store.createAPIKey(record, hash: SHA256.hash(Array(key.utf8)))
        }
        return .created(
            "/api/v1/apikeys/\(record.id)",
            [
                "id": .id(record.id), "name": .string(record.name), "key": .string(key),
                "createdAt": .time(record.createdAt),
            ])
    }

    @Sendable private func listAPIKeys(_ call: Call, _ caller: Caller, _ input: APIKeyList) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.apiKeySortFields)
        let page = try pool.withStore { try $0.apiKeys(of: caller.tenantID, active: input.active, query) }
        return .json(200, .list(total: page.total, page.rows.map(document)))
    }

    /// The row stays; the answer shows it revoked. A key that is revoked already is as good as unknown.
    @Sendable private func revokeAPIKey(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: APIKey.self)
        let revoked = try pool.withStore { store in
            try requireOwner(try store.owner(ofAPIKey: id), is: caller)
            return try store.revokeAPIKey(id, of: caller.tenantID, at: settings.clock())
        }
        guard let revoked else { throw Refusal.notFound }
        return .json(200, document(revoked))
    }

    func document(_ key: APIKeyRecord) -> JSONValue {
        [
            "id": .id(key.id), "name": .string(key.name), "isActive": .bool(key.revokedAt == nil),
            "createdAt": .time(key.createdAt), "revokedAt": .time(key.revokedAt),
        ]
    }
}
