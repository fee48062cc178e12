import PluginAPI
import Testing

@Suite("JwtBearer")
struct JwtBearerPluginTests {
    private static let settings = """
        {"tokenEndpoint":"https://login.example.com/token?x=1","clientId":"hooks & co",
         "clientSecret":"s3cr3t+/=é","scope":"a b"}
        """

    private func makeInstance(_ settings: String = settings, host: TestHost = TestHost()) throws -> TestInstance {
        try TestPlugin("JwtBearer", kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings, host: host)
    }

    @Test("Without a token it asks for one with a form, and then sends it")
    func fetchesToken() throws {
        let instance = try makeInstance()
        let fetch = try #require(try instance.authenticate().fetch)
        #expect(fetch.method == "POST")
        #expect(fetch.url == "https://login.example.com/token?x=1")
        #expect(fetch.headers == ["Content-Type: application/x-www-form-urlencoded", "Accept: application/json"])
        let fields = [
            "grant_type=client_credentials", "client_id=hooks+%26+co", "scope=a+b",
            "client_secret=s3cr3t%2B%2F%3D%C3%A9",
        ]
        #expect(fetch.body == fields.joined(separator: "&"))
        try instance.fetched(200, #"{"access_token":"t-1","token_type":"Bearer","expires_in":3600}"#)
        #expect(try instance.authenticate() == Authentication(headers: ["Authorization: Bearer t-1"]))
        #expect(instance.host.counts == ["token_requests": 1])
    }

    @Test("A scope that is null or missing is left out", arguments: [#","scope":null"#, ""])
    func leavesScopeOut(scope: String) throws {
        let instance = try makeInstance(
            #"{"tokenEndpoint":"https://a.example","clientId":"i","clientSecret":"s"\#(scope)}"#)
        #expect(try instance.authenticate().fetch?.body == "grant_type=client_credentials&client_id=i&client_secret=s")
    }

    @Test(
        "A token is used until shortly before it expires",
        arguments: [
            (#""expires_in":3600"#, 3_540_000), (#""expires_in":100"#, 90_000), (#""expires_in":"100""#, 90_000),
            (#""x":0"#, 270_000), (#""expires_in":null"#, 270_000), (#""expires_in":0"#, 5_000),
            (#""expires_in":-1e300"#, 5_000), (#""expires_in":1e300"#, 2_592_000_000), (#""expires_in":7.5"#, 6_750),
        ])
    func keepsToken(member: String, usableMilliseconds: Int64) throws {
        let instance = try makeInstance()
        let start = instance.host.wallMilliseconds
        try instance.fetched(201, #"{"access_token":"t",\#(member)}"#)
        instance.host.wallMilliseconds = start + usableMilliseconds - 1
        #expect(try instance.authenticate().headers == ["Authorization: Bearer t"])
        instance.host.wallMilliseconds = start + usableMilliseconds
        #expect(try instance.authenticate().fetch != nil)
    }

    @Test("A token outlives the instance that fetched it")
    func sharesToken() throws {
        let host = TestHost()
        try makeInstance(host: host).fetched(200, #"{"access_token":"kept"}"#)
        #expect(try makeInstance(host: host).authenticate().headers == ["Authorization: Bearer kept"])
    }

    @Test("A token that the destination refuses with 401 is dropped, and only then")
    func dropsRefusedToken() throws {
        let instance = try makeInstance()
        try instance.fetched(200, #"{"access_token":"t"}"#)
        #expect(!instance.rejected(403))
        #expect(try instance.authenticate().fetch == nil)
        #expect(instance.rejected(401))
        #expect(try instance.authenticate().fetch != nil)
    }

    @Test(
        "An answer without a token fails the attempt in a sentence that holds no secret",
        arguments: [
            (
                401, #"{"error":"invalid_client","error_description":"s3cr3t"}"#,
                "status 401 and the error invalid_client"
            ),
            (400, #"{"error":"s3cr3t"}"#, "status 400."), (503, "s3cr3t", "status 503."), (302, "{}", "status 302."),
            (200, "s3cr3t", "no JSON"), (200, #"["s3cr3t"]"#, "no JSON"), (200, "{}", "no access_token"),
            (200, #"{"access_token":5}"#, "no access_token"), (200, #"{"access_token":""}"#, "no access_token"),
            (200, #"{"access_token":"s3cr3t\n"}"#, "header"), (200, #"{"access_token":"s3cr3té"}"#, "header"),
        ])
    func reportsFailures(status: Int, body: String, words: String) throws {
        let instance = try makeInstance()
        let failure = try #require(throws: CallFailure.self) { try instance.fetched(status, body) }
        #expect(failure.status == HKS_RETRYABLE)
        #expect(failure.sentence.contains(words))
        #expect(!failure.sentence.contains("s3cr3t"))
        #expect(try instance.authenticate().fetch != nil)
    }

    @Test("A token that is too long to be stored fails the attempt")
    func refusesHugeTokens() throws {
        let instance = try makeInstance()
        let token = String(repeating: "t", count: 16_385)
        #expect(throws: CallFailure.self) { try instance.fetched(200, #"{"access_token":"\#(token)"}"#) }
    }

    @Test(
        "Members that cannot go into a form or a request are refused",
        arguments: [
            #"{"tokenEndpoint":"https://a","clientId":" ","clientSecret":"s"}"#,
            #"{"tokenEndpoint":"https://a","clientId":"i","clientSecret":"s\n"}"#,
            #"{"tokenEndpoint":"https://a","clientId":"i","clientSecret":"s","scope":"\r"}"#,
            #"{"tokenEndpoint":"https://a","clientId":"i"}"#, #"{"clientId":"i","clientSecret":"s"}"#,
        ])
    func refusesSettings(settings: String) throws {
        let failure = try #require(throws: CallFailure.self) { try makeInstance(settings) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
    }
}
