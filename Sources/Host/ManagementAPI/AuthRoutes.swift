import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /auth/login`
struct LoginInput: Input {
    let email: String
    let password: String

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        email = try body.required("email")
        password = try body.required("password")
    }
}

/// `POST /auth/refresh` and `POST /auth/logout`
struct RefreshTokenInput: Input {
    let token: String

    init(reading request: RequestReader) throws(Refusal) {
        token = try request.body().required("refreshToken")
    }

    func checkedHash() throws(Refusal) -> [UInt8] {
        try TextRule.refreshToken.check(token)
        return SHA256.hash(Array(token.utf8))
    }
}

extension ManagementAPI {
    var authRoutes: [Route] {
        [
            openRoute("POST", "/api/v1/auth/login", LoginInput.self, logIn),
            openRoute("POST", "/api/v1/auth/refresh", RefreshTokenInput.self, refresh),
            route("POST", "/api/v1/auth/logout", .logOut, RefreshTokenInput.self, logOut),
        ]
    }

    @Sendable private func logIn(_ call: Call, _ input: LoginInput) throws -> HTTPResponse {
        let email = try normalizedEmail(input.email, field: "email", registering: false)
        guard !input.password.allSatisfy(\.isWhitespace) else { throw Refusal.invalid("password must not be blank") }
        let user = try pool.withStore { store in
            try countLogin(call.request, email: email, in: store)
            return try store.user(email: email)
        }
        // Whether there is such a user must not show in the time an answer takes.
        guard let user, !user.passwordHash.isEmpty else {
            hasher.wasteTime(input.password)
            throw Refusal.unauthorized
        }
        guard hasher.verify(input.password, against: user.passwordHash), user.status == .active else {
            throw Refusal.unauthorized
        }
        return try pool.withStore { store in
            try clearLogin(call.request, email: email, in: store)
            let (token, family) = (makeRefreshToken(), newID(of: Session.self))
            // By now he may be gone, or have another role or password.
            guard
                let current = try store.createRefreshToken(
                    hash: token.hash, family: family, user: user, expiresAt: token.expiresAt)
            else { throw Refusal.unauthorized }
            return session(of: current, family, token)
        }
    }

    @Sendable private func refresh(_ call: Call, _ input: RefreshTokenInput) throws -> HTTPResponse {
        let hash = try input.checkedHash()
        let token = makeRefreshToken()
        let renewal = try pool.withStore {
            try $0.renewSession(refreshTokenHash: hash, successor: token.hash, expiresAt: token.expiresAt)
        }
        guard case .renewed(let user, let family) = renewal else { throw Refusal.unauthorized }
        return session(of: user, family, token)
    }

    @Sendable private func logOut(_ call: Call, _ caller: Caller, _ input: RefreshTokenInput) throws -> HTTPResponse {
        let hash = try input.checkedHash()
        let claims = caller.claims
        try pool.withStore { store in
            guard try store.endSession(refreshTokenHash: hash, user: caller.userID) else { throw Refusal.unauthorized }
            try store.denyAccessToken(claims.tokenID.cast(), until: claims.expiresAt)
        }
        sessions.deny(claims.tokenID, of: claims.userID, until: claims.expiresAt, at: settings.clock())
        return .noContent
    }

    private func makeRefreshToken() -> RefreshToken {
        let text = Base64.urlEncode(SecureRandom.bytes(32))
        return RefreshToken(
            text: text, hash: SHA256.hash(Array(text.utf8)),
            expiresAt: settings.clock() + settings.refreshTokenLifetime)
    }

    /// A new pair of tokens. `expiresAt` is the moment the refresh token dies, which is when the user has to log in
    /// again; `expiresIn` is about the access token.
    private func session(of user: UserRecord, _ family: ID<Session>, _ refreshToken: RefreshToken) -> HTTPResponse {
        let claims = AccessClaims(
            tokenID: newID(), sessionID: family.cast(), userID: user.id, tenantID: user.tenantID, email: user.email,
            role: user.role)
        let accessToken = tokens.issue(claims, now: settings.clock(), lifetime: settings.accessTokenLifetime)
        return .json(
            200,
            [
                "accessToken": .string(accessToken),
                "expiresIn": .count(Int(settings.accessTokenLifetime.components.seconds)),
                "refreshToken": .string(refreshToken.text),
                "expiresAt": .time(refreshToken.expiresAt),
            ])
    }
}

/// One that the store knows by its hash alone.
private struct RefreshToken {
    let text: String
    let hash: [UInt8]
    let expiresAt: Timestamp
}
