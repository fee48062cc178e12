import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /users`
struct NewUser: Input {
    let email: String
    let password: String?
    let role: UserRole

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        email = try body.required("email")
        password = try body.text("password")
        role = try body.choice("role") ?? .developer
    }
}

/// `PATCH /users/{id}`
struct UserChanges: Input {
    let email: String?
    let password: String?
    let role: UserRole?
    let status: UserStatus?

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        email = try body.text("email")
        password = try body.text("password")
        role = try body.choice("role")
        status = try body.choice("status")
    }
}

/// `GET /users`
struct UserList: Input {
    let role: UserRole?
    let status: UserStatus?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        role = try request.choice("Role")
        status = try request.choice("Status")
        paging = try Paging(reading: request)
    }
}

extension ManagementAPI {
    static let userSortFields = ["id", "email", "status", "role", "createdAt", "updatedAt"]

    var userRoutes: [Route] {
        let one = "/api/v1/users/{id:uuid}"
        return [
            route("POST", "/api/v1/users", .manageUsers, NewUser.self, createUser),
            route("GET", "/api/v1/users", .readUsers, UserList.self, listUsers),
            route("GET", one, .readUsers, showUser),
            route("PATCH", one, .changeOwnAccount, UserChanges.self, changeUser),
            route("DELETE", one, .manageUsers, deleteUser),
        ]
    }

    @Sendable private func createUser(_ call: Call, _ caller: Caller, _ input: NewUser) throws -> HTTPResponse {
        guard caller.role.governs(input.role) else { throw Refusal.forbidden }
        let email = try normalizedEmail(input.email, field: "email", registering: true)
        try checkPassword(input.password, "password")
        let now = settings.clock()
        let user = UserRecord(
            id: newID(), tenantID: caller.tenantID, email: email, passwordHash: hasher.hash(input.password ?? ""),
            role: input.role, status: .active, createdAt: now, updatedAt: now)
        try translatingConflicts([UniqueRule.userEmail: emailTaken("email")]) {
            try pool.withStore { store in
                guard try store.tenant(caller.tenantID) != nil else {
                    throw Refusal.notFound("the tenant does not exist any more")
                }
                try store.createUser(user)
            }
        }
        return .created("/api/v1/users/\(user.id)", document(user))
    }

    @Sendable private func listUsers(_ call: Call, _ caller: Caller, _ input: UserList) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.userSortFields)
        let page = try pool.withStore {
            try $0.users(of: caller.tenantID, role: input.role, status: input.status, query)
        }
        return .json(200, .list(total: page.total, page.rows.map(document)))
    }

    @Sendable private func showUser(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        .json(200, document(try ownUser(call.id("id"), caller)))
    }

    /// Everyone may change his own e-mail and password; the rest is for those who govern the user. A new password,
    /// e-mail, role or status ends the user's sessions.
    @Sendable private func changeUser(_ call: Call, _ caller: Caller, _ changes: UserChanges) throws -> HTTPResponse {
        let id = try call.id("id", of: User.self)
        guard id == caller.userID || Operation.manageUsers.roles.contains(caller.role) else { throw Refusal.forbidden }
        // What others changed meanwhile stays: the change is then made once more, on the user as he is by now.
        for _ in 0..<2 {
            if let user = try change(ownUser(id, caller), by: changes, caller) { return .json(200, document(user)) }
        }
        throw Refusal.conflict("the user is being changed by others at the same time")
    }

    /// The user as he is afterwards; nil if he was not the one of `before` any more.
    private func change(_ before: UserRecord, by changes: UserChanges, _ caller: Caller) throws -> UserRecord? {
        var user = before
        user.role = changes.role ?? user.role
        user.status = changes.status ?? user.status
        try requireMayChange(before, to: user, caller)
        if let email = changes.email {
            user.email = try normalizedEmail(email, field: "email", registering: true)
        }
        if let password = changes.password {
            try checkPassword(password, "password")
            user.passwordHash = hasher.hash(password)
        }
        user.updatedAt = settings.clock()
        let isNewCredential = !user.email.isExactly(before.email) || !user.passwordHash.isExactly(before.passwordHash)
        let isNewStanding = user.role != before.role || user.status != before.status
        let outcome = try translatingConflicts([UniqueRule.userEmail: emailTaken("email")]) {
            try pool.withStore { [user] in
                try $0.updateUser(user, from: before, endingSessions: isNewCredential || isNewStanding)
            }
        }
        if outcome == .outdated { return nil }
        try require(outcome)
        sessions.forget(user.id)
        return user
    }

    private func requireMayChange(_ before: UserRecord, to after: UserRecord, _ caller: Caller) throws(Refusal) {
        let changesStanding = before.role != after.role || before.status != after.status
        if before.id == caller.userID, !changesStanding { return }
        guard caller.role.governs(before.role), caller.role.governs(after.role) else { throw .forbidden }
    }

    @Sendable private func deleteUser(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let user = try ownUser(call.id("id"), caller)
        guard user.id == caller.userID || caller.role.governs(user.role) else { throw Refusal.forbidden }
        try require(try pool.withStore { try $0.deleteUser(user.id, of: caller.tenantID) })
        sessions.forget(user.id)
        return .noContent
    }

    private func ownUser(_ id: UserID, _ caller: Caller) throws -> UserRecord {
        try pool.withStore { store in
            try requireOwner(try store.owner(ofUser: id), is: caller)
            guard let user = try store.user(id), user.tenantID == caller.tenantID else { throw Refusal.notFound }
            return user
        }
    }

    private func require(_ outcome: UserChange) throws(Refusal) {
        switch outcome {
        case .done: return
        // Whoever deletes does not care what the user was.
        case .unknown, .outdated: throw .notFound
        case .lastOwner: throw .lastOwner
        }
    }

    func document(_ user: UserRecord) -> JSONValue {
        [
            "id": .id(user.id), "tenantId": .id(user.tenantID), "email": .string(user.email),
            "status": .string(user.status.name), "role": .string(user.role.name), "createdAt": .time(user.createdAt),
            "updatedAt": .time(user.updatedAt),
        ]
    }
}
