import Domain
import JSON
import Testing

@testable import Crypto

@Suite struct AccessTokensTests {
    private static let key = Array(UInt8(1)...64)
    private let tokens = AccessTokens(key: key, issuer: "hooksentry-api", audience: "hooksentry-client")
    private let now = Timestamp(seconds: 1_800_000_000)

    private func makeClaims(role: UserRole = .owner) -> AccessClaims {
        AccessClaims(
            tokenID: AccessTokenID(high: 1, low: 2), userID: UserID(high: 3, low: 4),
            tenantID: TenantID(high: 5, low: 6), email: "ada \"quoted\" <ada@example.org> ü", role: role)
    }

    /// RFC 7515, appendix A.1, whose key is given in Base64url and whose header has a line break in it.
    @Test func `the signature matches RFC 7515`() throws {
        let key = try #require(
            Base64.urlDecode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"
        let payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leG"
            + "FtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let signature = CompactSignature(key: key)
        #expect(signature.sign(header: Array(header.utf8), payload: Array(payload.utf8)) == token)
        let opened = try #require(signature.open(token))
        #expect(String(decoding: opened.payload, as: UTF8.self) == payload)
    }

    @Test(arguments: UserRole.allCases)
    func `claims come back as they were issued`(role: UserRole) {
        var claims = makeClaims(role: role)
        let token = tokens.issue(claims, now: now, lifetime: .seconds(900))
        claims.expiresAt = now + .seconds(900)
        #expect(tokens.verify(token, now: now) == claims)
    }

    @Test func `the payload has the contract's claims and no others`() throws {
        let token = tokens.issue(makeClaims(role: .admin), now: now, lifetime: .seconds(900))
        let payload = try #require(CompactSignature(key: Self.key).open(token)).payload
        let members = try #require(JSONValue(parsing: payload).members)
        #expect(members.members.map(\.name) == ["sub", "jti", "email", "tenant_id", "role", "iss", "aud", "exp"])
        #expect(members["role"]?.text == "Admin")
        #expect(members["exp"]?.integer == 1_800_000_900)
    }

    @Test func `a token ends at its second`() {
        let token = tokens.issue(makeClaims(), now: now, lifetime: .seconds(900))
        #expect(tokens.verify(token, now: now + .milliseconds(899_999)) != nil)
        #expect(tokens.verify(token, now: now + .seconds(900)) == nil)
    }

    @Test func `another key, issuer or audience is refused`() {
        let token = tokens.issue(makeClaims(), now: now, lifetime: .seconds(900))
        for other in [
            AccessTokens(key: repeated(7, 32), issuer: "hooksentry-api", audience: "hooksentry-client"),
            AccessTokens(key: Self.key, issuer: "other", audience: "hooksentry-client"),
            AccessTokens(key: Self.key, issuer: "hooksentry-api", audience: "other"),
        ] {
            #expect(other.verify(token, now: now) == nil)
        }
    }

    @Test func `no character can be changed, dropped or added`() {
        let token = Array(tokens.issue(makeClaims(), now: now, lifetime: .seconds(900)).utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(tokens.verify(String(decoding: changed, as: UTF8.self), now: now) == nil)
            var shorter = token
            shorter.remove(at: index)
            #expect(tokens.verify(String(decoding: shorter, as: UTF8.self), now: now) == nil)
        }
        for ending in ["=", ".", " ", "A", ".AAAA"] {
            #expect(tokens.verify(String(decoding: token, as: UTF8.self) + ending, now: now) == nil)
        }
    }

    /// Rightly signed with our key, and still not acceptable.
    @Test(arguments: [
        #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#, #"{"alg":"hs256"}"#, #"{}"#,
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":["HS256"]}"#, #"["HS256"]"#, "HS256", "",
        #"{"alg":"HS256","alg":"none"}"#,
    ])
    func `a header that asks for another algorithm is refused`(header: String) throws {
        let signature = CompactSignature(key: Self.key)
        let good = tokens.issue(makeClaims(), now: now, lifetime: .seconds(900))
        let payload = try #require(signature.open(good)).payload
        #expect(tokens.verify(signature.sign(header: Array(header.utf8), payload: payload), now: now) == nil)
    }

    @Test func `an unsigned token is refused`() {
        let token = tokens.issue(makeClaims(), now: now, lifetime: .seconds(900))
        let payload = token.split(separator: ".")[1]
        let header = Base64.urlEncode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        #expect(tokens.verify("\(header).\(payload).", now: now) == nil)
        #expect(tokens.verify("\(header).\(payload)", now: now) == nil)
    }

    @Test(arguments: [
        ("exp", #""1800000900""#), ("exp", "1.8e9"), ("exp", "-1"), ("exp", "99999999999999999999"), ("exp", "null"),
        ("sub", #""x""#), ("tenant_id", "null"), ("jti", "7"), ("role", #""Root""#), ("role", "10"), ("email", "null"),
        ("aud", #"["hooksentry-client"]"#),
    ])
    func `a claim of the wrong form is refused`(name: String, value: String) throws {
        let signature = CompactSignature(key: Self.key)
        let good = tokens.issue(makeClaims(), now: now, lifetime: .seconds(900))
        let (header, payload) = try #require(signature.open(good))
        let members = try #require(JSONValue(parsing: payload).members).members
        let text = members.map { "\"\($0.name)\":\($0.name == name ? value : $0.value.serializedText())" }
        let token = signature.sign(header: header, payload: Array("{\(text.joined(separator: ","))}".utf8))
        #expect(tokens.verify(token, now: now) == nil)
    }

    @Test func `an overlong token is refused unread`() {
        #expect(tokens.verify(String(repeating: "a", count: AccessTokens.longest + 1), now: now) == nil)
        #expect(tokens.verify("", now: now) == nil)
    }
}
