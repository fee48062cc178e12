import PluginAPI
import Testing

// The expected tokens were made by another implementation (Python's hmac and cryptography).
@Suite("SignedJwt")
struct SignedJwtPluginTests {
    private static let key =
        #"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"#

    private func headers(_ settings: String, body: String = "{}") throws -> [String] {
        try TestPlugin("SignedJwt", kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings)
            .authenticate(TestRequest(body: body)).headers
    }

    @Test("A shared secret and nothing else: times, and an id that an attempt keeps")
    func signsWithSecret() throws {
        let sent = try headers(#"{"algorithm":"HS256","secret":"0123456789abcdef0123456789abcdef"}"#)
        let token =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDMwMCwianRpIjoiMGIwZTd"
            + "jMWUtNmQ5Yi00YjRjLTlkNTMtMGQ2ZjBlMmE0YzExLjEifQ.lRJ2iWavdEpT4vlpH817JiqPRy_FJbMpZErn0-nL8Vs"
        #expect(sent == ["Authorization: Bearer " + token])
    }

    @Test("Claims come from the settings and from the body, whose values are copied as they stand")
    func putsClaims() throws {
        let settings = """
            {"algorithm":"EdDSA","privateKey":"\(Self.key)","keyId":"k1","type":"ev+jwt","issuer":"hooks",
             "subject":"{eventId}","audience":["a","b"],"lifetimeSeconds":60,"header":"X-Token","prefix":"",
             "claims":{"body":"{bodySha256}","n":1.10,"jti":"x-{attempt}"},
             "bodyClaims":{"order":"/order/id","tag":"/tags/0","none":"/order/nothing"}}
            """
        let body = #"{"order":{"id":12345678901234567890,"net":1.10},"tags":["\u00e9"]}"#
        let token =
            "eyJhbGciOiJFZERTQSIsInR5cCI6ImV2K2p3dCIsImtpZCI6ImsxIn0.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDA2"
            + "MCwiaXNzIjoiaG9va3MiLCJzdWIiOiIwYjBlN2MxZS02ZDliLTRiNGMtOWQ1My0wZDZmMGUyYTRjMTEiLCJhdWQiOlsiYSIsImIi"
            + "XSwiYm9keSI6IjcxMDJlZTYxM2VlOTVhN2U4ZDAwODNjMTk1MmUwMTdhNDY3MzAwMDMxNzVkMGI1MjBmNmE1MDU3MTcxNDNlYWIi"
            + "LCJuIjoxLjEwLCJqdGkiOiJ4LTEiLCJvcmRlciI6MTIzNDU2Nzg5MDEyMzQ1Njc4OTAsInRhZyI6Ilx1MDBlOSJ9.FtAd2nFQwns"
            + "EjQfhLX0KM0z4BY6knC5SYQnGPcYNktaotIjc7Wso5kgjz4tssjNPCjXXhfLXE0a93pg6pVrZAw"
        #expect(try headers(settings, body: body) == ["X-Token: " + token])
    }

    @Test("Names of combining marks are compared at once, and those that only look the same are two")
    func comparesNames() throws {
        let plugin = try TestPlugin("SignedJwt", kind: HKS_KIND_AUTHENTICATOR)
        // Minutes, if they were brought into canonical order.
        let marks = String(repeating: "\u{301}", count: 1 << 18) + String(repeating: "\u{316}", count: 1 << 18)
        let secret = #""algorithm":"HS256","secret":"0123456789abcdef0123456789abcdef""#
        _ = try plugin.makeInstance(#"{\#(secret),"\#(marks)":1,"claims":{"\#(marks)":1,"e\#u{301}":2,"\#u{e9}":3}}"#)
    }

    @Test("A body that is no JSON fails for good if a claim has to come from it, and only then")
    func needsJSON() throws {
        let secret = #""secret":"0123456789abcdef0123456789abcdef""#
        _ = try headers(#"{"algorithm":"HS256",\#(secret)}"#, body: "<a/>")
        let failure = try #require(throws: CallFailure.self) {
            try headers(#"{"algorithm":"HS256",\#(secret),"bodyClaims":{"a":"/a"}}"#, body: "<a/>")
        }
        #expect(failure.status == HKS_PERMANENT)
    }

    @Test("Claims that would make a token too large for a header fail for good, however often the body is asked for")
    func boundsClaims() throws {
        let secret = #""algorithm":"HS256","secret":"0123456789abcdef0123456789abcdef""#
        let body = #"{"a":"\#(String(repeating: "x", count: 16_000))"}"#
        _ = try headers(#"{\#(secret),"bodyClaims":{"c":"/a"}}"#, body: body)
        let failure = try #require(throws: CallFailure.self) {
            try headers(#"{\#(secret),"bodyClaims":{"c":"/a","d":"/a"}}"#, body: body)
        }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.sentence == "The claims have more than 24576 bytes, with d.")
        let many = (0..<65).map { #""c\#($0)":"""# }.joined(separator: ",")
        let refusal = try #require(throws: CallFailure.self) { try headers(#"{\#(secret),"bodyClaims":{\#(many)}}"#) }
        #expect(refusal.status == HKS_INVALID_SETTINGS && refusal.sentence.contains("more than 64 claims"))
    }

    @Test("A call that nobody waits for ends before the next walk through the body")
    func noticesCancelling() throws {
        let host = TestHost()
        let instance = try TestPlugin("SignedJwt", kind: HKS_KIND_AUTHENTICATOR).makeInstance(
            #"{"algorithm":"HS256","secret":"0123456789abcdef0123456789abcdef","bodyClaims":{"a":"/a"}}"#, host: host)
        _ = try instance.authenticate(TestRequest(body: "{}"))
        host.isCancelled = true
        let failure = try #require(throws: CallFailure.self) { try instance.authenticate(TestRequest(body: "{}")) }
        #expect(failure.status == HKS_RETRYABLE)
    }

    @Test(
        "Settings that make no token are refused in a sentence that names the member",
        arguments: [
            (#"{"algorithm":"HS256","secret":"short s3cr3t"}"#, "secret must have at least 32 bytes"),
            (#"{"algorithm":"HS512","secret":"s3cr3t-0123456789abcdef0123456789"}"#, "secret must have at least 64"),
            (#"{"algorithm":"HS256"}"#, "secret is missing"), (#"{"algorithm":"RS256"}"#, "privateKey is missing"),
            (#"{"algorithm":"ES256","privateKey":"s3cr3t"}"#, "privateKey is neither"),
            (#"{"algorithm":"RS256","privateKey":"\#(key)"}"#, "privateKey must be an RSA key"),
            (#"{"algorithm":"EdDSA","privateKey":"\#(key)","claims":{"exp":1}}"#, "claims must not have exp"),
            (
                #"{"algorithm":"EdDSA","privateKey":"\#(key)","issuer":"a","claims":{"iss":"b"}}"#,
                "claims must not have iss"
            ), (#"{"algorithm":"EdDSA","privateKey":"\#(key)","claims":{"a":"{b}"}}"#, "claims.a may hold only"),
            (#"{"algorithm":"EdDSA","privateKey":"\#(key)","bodyClaims":{"a":"b"}}"#, "bodyClaims.a must be a JSON"),
            (#"{"algorithm":"EdDSA","privateKey":"\#(key)","header":"Host"}"#, "header must not be Host"),
        ])
    func refuses(settings: String, words: String) throws {
        let failure = try #require(throws: CallFailure.self) { try headers(settings) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.contains(words))
        #expect(!failure.sentence.contains("s3cr3t"))
    }
}
