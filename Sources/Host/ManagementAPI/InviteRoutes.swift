import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /invites`
struct NewInvite: Input {
    let validityDays: Int
    let role: UserRole

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        validityDays = try body.integer("validityDays") ?? 7
        role = try body.choice("role") ?? .developer
    }
}

/// `GET /invites`
struct InviteList: Input {
    let status: InviteStatus?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        status = try request.choice("Status")
        paging = try Paging(reading: request)
    }
}

/// `POST /invites/{token}/register`
struct Registration: Input {
    let email: String
    let password: String?

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        email = try body.required("email")
        password = try body.text("password")
    }
}

extension ManagementAPI {
    static let inviteSortFields = ["id", "targetRole", "expiresAt", "usedAt", "status", "createdAt"]

    var inviteRoutes: [Route] {
        [
            route("POST", "/api/v1/invites", .manageInvites, NewInvite.self, createInvite),
            route("GET", "/api/v1/invites", .manageInvites, InviteList.self, listInvites),
            route("DELETE", "/api/v1/invites/{id:uuid}", .manageInvites, revokeInvite),
            openRoute("POST", "/api/v1/invites/{token}/register", Registration.self, register),
        ]
    }

    @Sendable private func createInvite(_ call: Call, _ caller: Caller, _ input: NewInvite) throws -> HTTPResponse {
        if input.role == .owner { throw Refusal.invalid("role must not be Owner for an invite") }
        guard caller.role.governs(input.role) else { throw Refusal.forbidden }
        let token = Tokens.make(prefix: "inv_")
        let now = settings.clock()
        let id = newID(of: Invite.self)
        let invite = InviteRecord(
            id: id, tenantID: caller.tenantID,
            sealedToken: vault.seal(Array(token.utf8), for: SealIdentity.token(of: id)), targetRole: input.role,
            expiresAt: now + .seconds(input.validityDays * 24 * 3_600), usedAt: nil, createdAt: now)
        try pool.withStore { store in
            guard try store.tenant(caller.tenantID) != nil else {
                throw Refusal.notFound("the tenant does not exist any more")
            }
            guard (1...30).contains(input.validityDays) else {
                throw Refusal.invalid("validityDays must be between 1 and 30")
            }
            try store.createInvite(invite, tokenHash: SHA256.hash(Array(token.utf8)))
        }
        return .created("/api/v1/invites/\(id)", document(invite, for: caller))
    }

    @Sendable private func listInvites(_ call: Call, _ caller: Caller, _ input: InviteList) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.inviteSortFields)
        let page = try pool.withStore { try $0.invites(of: caller.tenantID, status: input.status, query) }
        return .json(200, .list(total: page.total, page.rows.map { document($0, for: caller) }))
    }

    /// Also one that this caller could not have made: whoever sees that an invite went astray may end it.
    @Sendable private func revokeInvite(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Invite.self)
        let removal = try pool.withStore { store in
            try requireOwner(try store.owner(ofInvite: id), is: caller)
            return try store.deleteInvite(id, of: caller.tenantID)
        }
        switch removal {
        case .done: return .noContent
        case .unknown: throw Refusal.notFound
        case .used: throw Refusal.conflict("the invite has been used")
        }
    }

    /// Clients tell the conflicts apart by the word "email", which stands in the sentence about the address alone.
    @Sendable private func register(_ call: Call, _ input: Registration) throws -> HTTPResponse {
        let token = call.request.parameters["token"] ?? ""
        let invite = try pool.withStore { store in
            try countRequest(
                "register", call.request, limit: limits.registrationsPerAddress,
                window: settings.registrationWindow, in: store)
            return try store.invite(tokenHash: SHA256.hash(Array(token.utf8)))
        }
        guard let invite else { throw Refusal.notFound("the invite does not exist") }
        let email = try normalizedEmail(input.email, field: "email", registering: true)
        if try pool.withStore({ try $0.user(email: email) }) != nil { throw Refusal.conflict(emailTaken("email")) }
        try checkPassword(input.password, "password")
        let now = settings.clock()
        let used = Refusal.conflict("the invite has been used")
        if invite.usedAt != nil { throw used }
        if invite.expiresAt <= now { throw Refusal.conflict("the invite has expired") }
        let user = UserRecord(
            id: newID(), tenantID: invite.tenantID, email: email, passwordHash: hasher.hash(input.password ?? ""),
            role: invite.targetRole, status: .active, createdAt: now, updatedAt: now)
        let isDone = try translatingConflicts([UniqueRule.userEmail: emailTaken("email")]) {
            try pool.withStore { try $0.useInvite(invite.id, for: user, at: now) }
        }
        if !isDone { throw used }
        return .created("/api/v1/users/\(user.id)", document(user))
    }

    private func document(_ invite: InviteRecord, for caller: Caller) -> JSONValue {
        // Whoever could not have made the invite must not get at the role by using it. A token that cannot be opened
        // any more is shown as null, too; the invite can still be used by whoever has it.
        let isUsable = caller.role.governs(invite.targetRole)
        let token = isUsable ? try? vault.open(invite.sealedToken, for: SealIdentity.token(of: invite.id)) : nil
        return [
            "id": .id(invite.id), "tenantId": .id(invite.tenantID),
            "token": .text(token.map { String(decoding: $0, as: UTF8.self) }),
            "targetRole": .string(invite.targetRole.name), "expiresAt": .time(invite.expiresAt),
            "usedAt": .time(invite.usedAt),
            "status": .string((invite.usedAt == nil ? InviteStatus.pending : .used).name),
            "createdAt": .time(invite.createdAt),
        ]
    }
}
