import Domain
import JSON

/// Issues and checks access tokens: JSON Web Tokens (RFC 7519) with HS256 and nothing else.
package struct AccessTokens: Sendable {
    /// Longer ones are refused unread.
    package static let longest = 4_096

    private let signature: CompactSignature
    private let issuer: String
    private let audience: String

    /// key: at least 32 bytes (RFC 7518, section 3.2), derived from the master key.
    package init(key: [UInt8], issuer: String, audience: String) {
        precondition(key.count >= 32, "HS256 wants a key of at least 32 bytes")
        signature = CompactSignature(key: key)
        self.issuer = issuer
        self.audience = audience
    }

    /// The token expires at `now + lifetime`, rounded down to a second.
    package func issue(_ claims: AccessClaims, now: Timestamp, lifetime: Duration) -> String {
        var members: [(name: String, value: JSONValue)] = [
            ("sub", .string(claims.userID.description)), ("jti", .string(claims.tokenID.description)),
            ("email", .string(claims.email)), ("tenant_id", .string(claims.tenantID.description)),
            ("role", .string(claims.role.name)), ("iss", .string(issuer)), ("aud", .string(audience)),
            ("exp", .number(String((now + lifetime).seconds))),
        ]
        if let session = claims.sessionID { members.append(("sid", .string(session.description))) }
        let payload = JSONValue.object(JSONObject(members)).serialized()
        return signature.sign(header: Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8), payload: payload)
    }

    /// Nil for anything but an unaltered, unexpired token of ours; the caller learns no reason, so that it cannot
    /// tell one to a client. There is no leeway: nodes issue and check by clocks that are milliseconds apart.
    package func verify(_ token: String, now: Timestamp) -> AccessClaims? {
        guard token.utf8.count <= Self.longest, let (header, payload) = signature.open(token),
            isOurs(header: header), let claims = try? JSONValue(parsing: payload, depthLimit: 4).members,
            claims["iss"]?.text == issuer, claims["aud"]?.text == audience
        else { return nil }
        return read(claims, now: now)
    }

    /// A critical extension that is not understood makes a token invalid (RFC 7515, section 4.1.11); none is.
    private func isOurs(header: [UInt8]) -> Bool {
        guard let members = try? JSONValue(parsing: header, depthLimit: 4).members else { return false }
        return members["alg"]?.text == "HS256" && members["crit"] == nil
    }

    private func read(_ claims: JSONObject, now: Timestamp) -> AccessClaims? {
        guard let expiry = claims["exp"]?.integer, (0...253_402_300_799).contains(expiry),
            now < Timestamp(seconds: Int64(expiry)),
            let user = claims["sub"]?.text.flatMap({ UserID($0) }),
            let id = claims["jti"]?.text.flatMap({ AccessTokenID($0) }),
            let tenant = claims["tenant_id"]?.text.flatMap({ TenantID($0) }),
            let email = claims["email"]?.text,
            let roleName = claims["role"]?.text, let role = UserRole.allCases.first(where: { $0.name == roleName })
        else { return nil }
        return AccessClaims(
            tokenID: id, sessionID: claims["sid"]?.text.flatMap { LoginID($0) }, userID: user, tenantID: tenant,
            email: email, role: role, expiresAt: Timestamp(seconds: Int64(expiry)))
    }
}
