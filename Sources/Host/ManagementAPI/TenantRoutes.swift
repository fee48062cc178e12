import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /tenants`. The first user's fields have an older spelling, `adminEmail` and `adminPassword`.
struct NewTenant: Input {
    let name: String?
    let ownerEmail: String?
    let ownerPassword: String?
    let maxTrys: Int?
    let circuitBreakerTimer: Int?

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        name = try body.text("name")
        ownerEmail = try body.text(body.mentions("ownerEmail") ? "ownerEmail" : "adminEmail")
        ownerPassword = try body.text(body.mentions("ownerPassword") ? "ownerPassword" : "adminPassword")
        maxTrys = try body.integer("maxTrys")
        circuitBreakerTimer = try body.integer("circuitBreakerTimer")
    }
}

/// `PATCH /tenants/{id}`
struct TenantChanges: Input {
    let name: String?
    let maxTrys: Int?
    let circuitBreakerTimer: Int?

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        name = try body.text("name")
        maxTrys = try body.integer("maxTrys")
        circuitBreakerTimer = try body.integer("circuitBreakerTimer")
    }
}

extension ManagementAPI {
    static let maxTrysDefault = 10
    static let circuitBreakerTimerDefault = 300

    var tenantRoutes: [Route] {
        [
            openRoute("POST", "/api/v1/tenants", NewTenant.self, createTenant),
            route("GET", "/api/v1/tenants/{id:uuid}", .readTenant, showTenant),
            route("PATCH", "/api/v1/tenants/{id:uuid}", .changeTenant, TenantChanges.self, changeTenant),
        ]
    }

    @Sendable private func createTenant(_ call: Call, _ input: NewTenant) throws -> HTTPResponse {
        try pool.withStore { store in
            try countRequest(
                "create-tenant", call.request, limit: limits.tenantsPerAddress, window: settings.tenantWindow,
                in: store)
        }
        let (tenant, owner) = try checked(input)
        let secret = Tokens.webhookSecret()
        let sealed = vault.seal(Array(secret.utf8), for: SealIdentity.webhookSecret(of: tenant.id))
        try translatingConflicts([
            UniqueRule.tenantName: "name is taken by another tenant", UniqueRule.userEmail: emailTaken("ownerEmail"),
        ]) {
            try pool.withStore { try $0.createTenant(tenant, owner: owner, sealedSecret: sealed) }
        }
        return .created(
            "/api/v1/tenants/\(tenant.id)",
            [
                "tenantId": .id(tenant.id), "tenantName": .string(tenant.name), "webhookSecret": .string(secret),
                "maxTrys": .count(tenant.maxTrys), "circuitBreakerTimer": .count(tenant.circuitBreakerTimer),
                "tenantCreatedAt": .time(tenant.createdAt), "ownerUserId": .id(owner.id),
                "ownerEmail": .string(owner.email), "ownerRole": .string(owner.role.name),
                "ownerCreatedAt": .time(owner.createdAt),
            ])
    }

    /// The rows of a new tenant and its Owner, all rules checked. Hashes the password, so it takes a while.
    private func checked(_ input: NewTenant) throws -> (TenantRecord, UserRecord) {
        guard let name = input.name else { throw Refusal.invalid("name is required") }
        guard let email = input.ownerEmail else { throw Refusal.invalid("ownerEmail is required") }
        try TextRule.tenantName.check(name)
        let ownerEmail = try normalizedEmail(email, field: "ownerEmail", registering: true)
        try checkPassword(input.ownerPassword, "ownerPassword")
        try atLeastOne(input.maxTrys, "maxTrys")
        try atLeastOne(input.circuitBreakerTimer, "circuitBreakerTimer")
        let now = settings.clock()
        let tenant = TenantRecord(
            id: newID(), name: trimmed(name), maxTrys: input.maxTrys ?? Self.maxTrysDefault,
            circuitBreakerTimer: input.circuitBreakerTimer ?? Self.circuitBreakerTimerDefault, createdAt: now,
            updatedAt: now)
        let owner = UserRecord(
            id: newID(), tenantID: tenant.id, email: ownerEmail, passwordHash: hasher.hash(input.ownerPassword ?? ""),
            role: .owner, status: .active, createdAt: now, updatedAt: now)
        return (tenant, owner)
    }

    @Sendable private func showTenant(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try ownTenant(call, caller)
        guard let tenant = try pool.withStore({ try $0.tenant(id) }) else { throw Refusal.notFound }
        return .json(200, document(tenant))
    }

    @Sendable private func changeTenant(
        _ call: Call, _ caller: Caller, _ changes: TenantChanges
    ) throws -> HTTPResponse {
        let id = try ownTenant(call, caller)
        if let name = changes.name { try TextRule.tenantName.check(name) }
        try atLeastOne(changes.maxTrys, "maxTrys")
        try atLeastOne(changes.circuitBreakerTimer, "circuitBreakerTimer")
        let tenant = try translatingConflicts([UniqueRule.tenantName: "name is taken by another tenant"]) {
            try pool.withStore {
                try $0.updateTenant(
                    id, name: changes.name.map { trimmed($0) }, maxTrys: changes.maxTrys,
                    circuitBreakerTimer: changes.circuitBreakerTimer)
            }
        }
        guard let tenant else { throw Refusal.notFound }
        return .json(200, document(tenant))
    }

    /// The path's tenant if it is the caller's. Any other is 403, whether it exists or not.
    func ownTenant(_ call: Call, _ caller: Caller) throws(Refusal) -> TenantID {
        let id = try call.id("id", of: Tenant.self)
        guard id == caller.tenantID else { throw .forbidden }
        return id
    }

    func document(_ tenant: TenantRecord) -> JSONValue {
        [
            "id": .id(tenant.id), "name": .string(tenant.name), "maxTrys": .count(tenant.maxTrys),
            "circuitBreakerTimer": .count(tenant.circuitBreakerTimer), "createdAt": .time(tenant.createdAt),
            "updatedAt": .time(tenant.updatedAt),
        ]
    }

    /// The contract asks for a password and nothing more of it.
    func checkPassword(_ password: String?, _ field: String) throws(Refusal) {
        guard let password, !password.isEmpty else { throw .invalid("\(field) is required and must not be empty") }
    }

    /// Clients tell this conflict from others by the word "email" in it.
    func emailTaken(_ field: String) -> String { "\(field) is the email address of another user" }
}
