import PluginAPI
import Testing

@Suite("Hmac")
struct HmacPluginTests {
    private func headers(
        _ settings: String, body: String = "", wallMilliseconds: Int64 = 1_700_000_000_123
    ) throws -> [String] {
        let host = TestHost()
        host.wallMilliseconds = wallMilliseconds
        return try TestPlugin("Hmac", kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings, host: host)
            .authenticate(TestRequest(body: body)).headers
    }

    // The examples in the senders' own documentation.
    @Test("GitHub's example")
    func matchesGitHub() throws {
        let sent = try headers(
            #"{"preset":"github","secret":"It's a Secret to Everybody"}"#, body: "Hello, World!")
        #expect(
            sent == [
                "X-Hub-Signature-256: "
                    + "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            ])
    }

    @Test("Slack's example")
    func matchesSlack() throws {
        let body =
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
            + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
            + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
            + "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        let sent = try headers(
            #"{"preset":"slack","secret":"8f742231b10e8888abcd99yyyzzz85a5"}"#, body: body,
            wallMilliseconds: 1_531_420_618_999)
        #expect(
            sent == [
                "X-Slack-Signature: v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                "X-Slack-Request-Timestamp: 1531420618",
            ])
    }

    // Computed with `openssl dgst -hmac`, by the rules that the two senders document.
    @Test("Stripe's and Shopify's styles")
    func matchesStripeAndShopify() throws {
        let body = #"{"id":"evt_1"}"#
        #expect(
            try headers(#"{"preset":"stripe","secret":"whsec_test"}"#, body: body) == [
                "Stripe-Signature: t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"
            ])
        #expect(
            try headers(#"{"preset":"shopify","secret":"hush"}"#, body: body) == [
                "X-Shopify-Hmac-Sha256: +TTNLrIAr++NEmlyRgFUnRYTKAMRFpBc9+Qp7eD6x2I="
            ])
    }

    @Test(
        "RFC 4231 (SHA-256, SHA-512) and RFC 2202 (SHA-1)",
        arguments: [
            ("sha256", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                "sha512",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                    + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
            ), ("sha1", "b617318655057264e28bc0b6fb378c8ef146be00"),
        ])
    func matchesStandards(algorithm: String, code: String) throws {
        let key = String(repeating: "0b", count: 20)
        let settings = #"{"secret":"\#(key)","keyEncoding":"hex","algorithm":"\#(algorithm)"}"#
        #expect(try headers(settings, body: "Hi There") == ["X-Signature: \(code)"])
    }

    @Test("Every part of a style can be chosen")
    func fillsPlaceholders() throws {
        let settings = #"""
            {"secret":"a2V5","keyEncoding":"base64","encoding":"base64url","header":"X-Sign",
             "content":"{method} {url} {eventId} {timestamp} {{{body}}}",
             "format":"{{t={timestamp}}};{eventId};{signature}",
             "timestampUnit":"milliseconds","timestampHeader":"X-Time","eventIdHeader":"X-Id"}
            """#
        let sent = try headers(settings, body: "b")
        let start = "X-Sign: {t=1700000000123};\(TestInstance.eventID);"
        #expect(sent[0] == start + "BdulXGkcgd6hoc_WuIJQ558J-qYvVloXuEwihPWFMyA")
        #expect(sent[1...] == ["X-Time: 1700000000123", "X-Id: \(TestInstance.eventID)"])
    }

    @Test("The body is signed byte for byte, and a preset's parts can be replaced")
    func signsBytes() throws {
        let plain = #"{"secret":"k"}"#
        #expect(try headers(plain, body: #"{"n":1.10}"#) != headers(plain, body: #"{"n":1.1}"#))
        let sent = try headers(#"{"secret":"k","preset":"github","header":"X-Hub-Signature","algorithm":"sha1"}"#)
        #expect(sent == ["X-Hub-Signature: sha256=3a84a218ee6665209bb70e84525dd837645a1965"])
    }

    @Test(
        "Settings that make no header are refused in a sentence without the secret",
        arguments: [
            (#"{"secret":"s3cr3t","header":"Content-Type"}"#, "header"),
            (#"{"secret":"s3cr3t","timestampHeader":"webhook-timestamp"}"#, "timestampHeader"),
            (#"{"secret":"s3cr3t","header":"X-A","eventIdHeader":"x-a"}"#, "eventIdHeader"),
            (#"{"secret":"s3cr3t","format":"v1"}"#, "format"), (#"{"secret":"s3cr3t","format":"{sig"}"#, "format"),
            (#"{"secret":"s3cr3t","content":"{nothing}"}"#, "content"),
            (#"{"secret":"s3cr3t","content":"a}b"}"#, "content"),
            (#"{"secret":"s3cr3t","content":"{body}{timestamp}{body}"}"#, "content must not hold {body} twice"),
            (#"{"secret":"s3cr3t","keyEncoding":"hex"}"#, "secret"),
            (#"{"secret":"s3cr3t","keyEncoding":"base64"}"#, "secret"),
            (#"{"secret":"s3cr3t","algorithm":"md5"}"#, "algorithm"), ("{}", "secret"),
        ])
    func refuses(settings: String, member: String) throws {
        let failure = try #require(throws: CallFailure.self) { try headers(settings) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.hasPrefix(member))
        #expect(!failure.sentence.contains("s3cr3t"))
    }
}
