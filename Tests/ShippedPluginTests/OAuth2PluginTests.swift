import PluginAPI
import Testing

@Suite("OAuth2")
struct OAuth2PluginTests {
    private static let endpoint = #""tokenEndpoint":"https://login.example.com/token","clientId":"hooks & co""#
    private static let key =
        #"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"#

    private func makeInstance(_ more: String, host: TestHost = TestHost()) throws -> TestInstance {
        try TestPlugin("OAuth2", kind: HKS_KIND_AUTHENTICATOR).makeInstance("{\(Self.endpoint),\(more)}", host: host)
    }

    @Test("client_secret_basic: id and secret are encoded as in a form (RFC 6749, section 2.3.1)")
    func basic() throws {
        let fetch = try #require(try makeInstance(#""clientSecret":"s3cr3t+/=é","scope":"a b""#).authenticate().fetch)
        #expect(fetch.method == "POST")
        #expect(fetch.url == "https://login.example.com/token")
        #expect(
            fetch.headers == [
                "Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
                "Authorization: Basic aG9va3MrJTI2K2NvOnMzY3IzdCUyQiUyRiUzRCVDMyVBOQ==",
            ])
        #expect(fetch.body == "grant_type=client_credentials&scope=a+b")
    }

    @Test("client_secret_post, and parameters of the server's own")
    func post() throws {
        let instance = try makeInstance(
            #""clientAuthentication":"client_secret_post","clientSecret":"s","parameters":{"re source":"https://a"}"#)
        let fetch = try #require(try instance.authenticate().fetch)
        #expect(fetch.headers.count == 2)
        #expect(
            fetch.body == "grant_type=client_credentials&re+source=https%3A%2F%2Fa&client_id=hooks+%26+co"
                + "&client_secret=s")
    }

    // The expected assertion was made by another implementation (Python's cryptography).
    @Test("private_key_jwt: a signed assertion for each request (RFC 7523, section 3)")
    func privateKey() throws {
        let instance = try makeInstance(
            #""clientAuthentication":"private_key_jwt","algorithm":"EdDSA","keyId":"k1","privateKey":"\#(Self.key)""#)
        let assertion =
            "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJpc3MiOiJob29rcyAmIGNvIiwic3ViIjoiaG9va3MgJiBj"
            + "byIsImF1ZCI6Imh0dHBzOi8vbG9naW4uZXhhbXBsZS5jb20vdG9rZW4iLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDA2"
            + "MCwianRpIjoiMDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMwZDBlMGYifQ.k_q8BG_043pXqsQlqnuMyc6oPc-oeipmUQLDeQWgv"
            + "DjSFxjsGZ83tSCtd4R_-v9qv5y1cmCsRQGPVHvCbEs6Ag"
        let fetch = try #require(try instance.authenticate().fetch)
        #expect(
            fetch.body == "grant_type=client_credentials&client_id=hooks+%26+co"
                + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                + "&client_assertion=\(assertion)")
    }

    @Test("The token is kept, used and dropped as JwtBearer does it")
    func sharesTheCache() throws {
        let instance = try makeInstance(#""clientSecret":"s""#)
        try instance.fetched(200, #"{"access_token":"t","expires_in":3600}"#)
        #expect(try instance.authenticate().headers == ["Authorization: Bearer t"])
        #expect(!instance.rejected(403))
        #expect(instance.rejected(401))
        #expect(try instance.authenticate().fetch != nil)
        let failure = try #require(throws: CallFailure.self) {
            try instance.fetched(401, #"{"error":"invalid_client"}"#)
        }
        #expect(failure.sentence.contains("invalid_client"))
    }

    @Test(
        "Settings that prove nothing are refused in a sentence that names the member",
        arguments: [
            (#""scope":null"#, "clientSecret is missing"), (#""clientSecret":"s3cr3t\n""#, "clientSecret must not"),
            (#""clientAuthentication":"private_key_jwt""#, "privateKey is missing"),
            (#""clientAuthentication":"private_key_jwt","privateKey":"s3cr3t""#, "privateKey is neither"),
            (#""clientAuthentication":"private_key_jwt","privateKey":"\#(key)""#, "privateKey must be an RSA key"),
            (#""clientSecret":"s","parameters":{"scope":"b"}"#, "parameters.scope must be"),
            (#""clientSecret":"s","parameters":{"a":1}"#, "parameters.a must be"),
            (#""clientAuthentication":"none","clientSecret":"s""#, "clientAuthentication must be one of"),
        ])
    func refuses(more: String, words: String) throws {
        let failure = try #require(throws: CallFailure.self) { try makeInstance(more) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.contains(words))
        #expect(!failure.sentence.contains("s3cr3t"))
    }
}
