import PluginAPI
import Testing

@Suite("The authenticators with fixed credentials")
struct AuthenticatorPluginTests {
    private func headers(_ plugin: String, _ settings: String) throws -> [String] {
        try TestPlugin(plugin, kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings).authenticate().headers
    }

    @Test("BearerToken sends its token as it stands")
    func sendsBearerToken() throws {
        #expect(try headers("BearerToken", #"{"token":"a\u002fb=="}"#) == ["Authorization: Bearer a/b=="])
        #expect(try headers("BearerToken", #"{"token":"1","other":[{}],"token":"2"}"#) == ["Authorization: Bearer 2"])
    }

    @Test("ApiKey sends its header")
    func sendsApiKey() throws {
        #expect(try headers("ApiKey", #"{"headerName":"X-Api_Key","value":"k é 1"}"#) == ["X-Api_Key: k é 1"])
    }

    @Test(
        "BasicAuth encodes user name and password in UTF-8",
        arguments: [
            // RFC 7617, section 2.
            (#"{"username":"Aladdin","password":"open sesame"}"#, "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            // RFC 7617, section 2.1.
            (#"{"username":"test","password":"123\u00A3"}"#, "dGVzdDoxMjPCow=="),
            (#"{"password":"b","username":"a"}"#, "YTpi"), (#"{"username":"a","password":"bc"}"#, "YTpiYw=="),
            (#" { "x" : {"username":["{\"}"]} , "username" : "a" , "n" : -1.5e3 , "password" : "\t:" } "#, "YToJOg=="),
            (#"{"username":"\ud83d\ude00","password":"\ud83d"}"#, "8J+YgDrvv70="),
            (#"{"username":"\udc00x","password":"\ud83d\u0041"}"#, "77+9eDrvv71B"),
            (#"{"username":"old","\u0075sername":"new","password":"\"\\\/\b\f"}"#, "bmV3OiJcLwgM"),
        ])
    func encodesBasicAuth(settings: String, encoded: String) throws {
        #expect(try headers("BasicAuth", settings) == ["Authorization: Basic \(encoded)"])
    }

    @Test(
        "Settings that the schema cannot judge are refused in a sentence without the value",
        arguments: [
            ("BearerToken", #"{"token":"abc\ndef"}"#, "token", 9),
            ("BearerToken", #"{"token":" \u00a0\t"}"#, "token", 9),
            ("BearerToken", #"{"token":"abc\u0000"}"#, "token", 9), ("BearerToken", #"{"token":7}"#, "token", 9),
            ("BearerToken", #"{}"#, "token", nil),
            ("ApiKey", #"{"headerName":"Content-Type","value":"x"}"#, "headerName", 14),
            ("ApiKey", #"{"headerName":"host","value":"x"}"#, "headerName", 14),
            ("ApiKey", #"{"headerName":"X-HookSentry-Signature","value":"x"}"#, "headerName", 14),
            ("ApiKey", #"{"headerName":"webhook-id","value":"x"}"#, "headerName", 14),
            ("ApiKey", #"{"headerName":"X-A","value":"abc\r"}"#, "value", 28),
            ("BasicAuth", #"{"username":"a:b","password":"abc"}"#, "username", 12),
            ("BasicAuth", #"{"username":"a\nb","password":"abc"}"#, "username", 12),
            ("BasicAuth", #"{"username":"a","password":" "}"#, "password", 27),
            ("BasicAuth", #"{"username":"a","password":"abc\u0000"}"#, "password", 27),
            ("BasicAuth", #"{"username":"a"}"#, "password", nil), ("BasicAuth", #"{"username":null}"#, "username", 12),
            ("BasicAuth", #"{"username":"abc\x"}"#, "username", 18), ("BasicAuth", "{", "username", 1),
            ("BasicAuth", "", "username", 0), ("BasicAuth", #"{"username":"abc\"#, "username", 13),
            ("BasicAuth", #"{"q":[}"#, "username", 7), ("BasicAuth", #"{"q":"#, "username", 5),
        ] as [(String, String, String, Int?)])
    func refuses(plugin: String, settings: String, member: String, position: Int?) throws {
        let failure = try #require(throws: CallFailure.self) { try headers(plugin, settings) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.contains(member))
        #expect(!failure.sentence.contains("abc"))
        #expect(failure.position == position)
    }

    @Test("A refused credential stays refused: there is no other one to be had")
    func cannotReplaceCredentials() throws {
        let plugin = try TestPlugin("BearerToken", kind: HKS_KIND_AUTHENTICATOR)
        #expect(try plugin.makeInstance(#"{"token":"t"}"#).rejected(401) == false)
        let calls = try TestPlugin("BasicAuth", kind: HKS_KIND_AUTHENTICATOR)
            .makeInstance(#"{"username":"a","password":"b"}"#).calls(hks_authenticator_calls.self)
        #expect(calls.fetched == nil)
        #expect(calls.rejected == nil)
    }

    @Test("The Swift template puts the event's id into a header")
    func runsTemplate() throws {
        #expect(try headers("TemplateSwift", "{}") == ["X-Event-Id: \(TestInstance.eventID)"])
        #expect(try headers("TemplateSwift", #"{"headerName":"X-Id"}"#) == ["X-Id: \(TestInstance.eventID)"])
    }
}
