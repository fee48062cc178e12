import Foundation
import JSON
import PluginAPI
import Testing

@Suite("HttpSignature (RFC 9421)")
struct HttpSignaturePluginTests {
    /// The request of appendix B.2; Host and Content-Length are the HTTP library's to add.
    private static let request = TestRequest(
        url: "https://example.com/foo?param=Value&Pet=dog",
        headers: [("Date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("Content-Type", "application/json")],
        body: #"{"hello": "world"}"#)
    private static let digest =
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"

    private func sign(_ settings: String, _ request: TestRequest = request) throws -> [String] {
        let host = TestHost()
        host.wallMilliseconds = 1_618_884_473_000
        return try TestPlugin("HttpSignature", kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings, host: host)
            .authenticate(request).headers
    }

    private func key(_ name: String, _ half: String = "private") throws -> String {
        let found = Vectors.list("rfc9421-keys").compactMap(\.members).first { $0["name"]?.text == name }
        return try #require(found?[half]?.text)
    }

    private func keyMember(_ name: String) throws -> String {
        #""privateKey":\#(JSONValue.string(try key(name)).serializedText()),"keyId":"\#(name)""#
    }

    @Test("A shared secret (appendix B.2.5)")
    func sharedSecret() throws {
        let secret = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
        let sent = try sign(
            #"""
            {"algorithm":"hmac-sha256","secret":"\#(secret)","keyEncoding":"base64","keyId":"test-shared-secret",
             "label":"sig-b25","components":["date","@authority","content-type"]}
            """#)
        #expect(
            sent == [
                "Signature-Input: sig-b25=(\"date\" \"@authority\" \"content-type\")"
                    + ";created=1618884473;keyid=\"test-shared-secret\"",
                "Signature: sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
            ])
    }

    @Test("Ed25519 (appendix B.2.6)")
    func ed25519() throws {
        let sent = try sign(
            #"""
            {"algorithm":"ed25519",\#(keyMember("test-key-ed25519")),"label":"sig-b26",
             "components":["date","@method","@path","@authority","content-type","content-length"]}
            """#)
        #expect(
            sent == [
                "Signature-Input: sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" "
                    + "\"content-length\");created=1618884473;keyid=\"test-key-ed25519\"",
                "Signature: sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WP"
                    + "pBKRCw==:",
            ])
    }

    private static let tagged =
        "(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\")"
        + ";created=1618884473;keyid=\"test-key-rsa-pss\";tag=\"header-example\""
    private static let full =
        "(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" \"content-digest\" "
        + "\"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\""

    /// With RSA-PSS there is chance in each signature: ours is checked by OpenSSL's own program over the standard's
    /// signature base. That the program accepts the standard's signature shows that the base is the right one.
    @Test(
        "RSA-PSS (appendices B.2.2 and B.2.3)", .enabled(if: OpenSSLCommand.isInstalled),
        arguments: [
            (
                #""components":["@authority","content-digest","@query-param;name=\"Pet\""],"tag":"header-example""#,
                tagged,
                "\"@authority\": example.com\n\"content-digest\": \(digest)\n"
                    + "\"@query-param\";name=\"Pet\": dog\n",
                nil
            ),
            (
                #"""
                "components":["date","@method","@path","@query","@authority","content-type","content-digest",
                "content-length"]
                """#, full,
                "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n"
                    + "\"@query\": ?param=Value&Pet=dog\n\"@authority\": example.com\n"
                    + "\"content-type\": application/json\n\"content-digest\": \(digest)\n\"content-length\": 18\n",
                "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRR"
                    + "U5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFk"
                    + "h/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZ"
                    + "H896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA=="
            ),
        ] as [(String, String, String, String?)])
    func rsaPSS(more: String, input: String, lines: String, published: String?) throws {
        let sent = try sign(
            #"{"algorithm":"rsa-pss-sha512",\#(keyMember("test-key-rsa-pss")),"contentDigest":"sha-512",\#(more)}"#)
        #expect(sent[0] == "Signature-Input: sig1=\(input)")
        #expect(sent[2] == "Content-Digest: \(Self.digest)")
        let base = "\(lines)\"@signature-params\": \(input)"
        let options = ["-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:64"]
        let publicKey = try key("test-key-rsa-pss", "public")
        if let published {
            #expect(try OpenSSLCommand.accepts(published, of: base, key: publicKey, options))
        }
        let signature = String(sent[1].dropFirst("Signature: sig1=:".count).dropLast())
        #expect(try OpenSSLCommand.accepts(signature, of: base, key: publicKey, options))
        #expect(try !OpenSSLCommand.accepts(signature, of: base + " ", key: publicKey, options))
    }

    @Test("RSA with PKCS #1 v1.5", .enabled(if: OpenSSLCommand.isInstalled))
    func rsaPKCS1() throws {
        let sent = try sign(
            #"{"algorithm":"rsa-v1_5-sha256",\#(keyMember("test-key-rsa")),"components":["@method"]}"#)
        let input = sent[0].dropFirst("Signature-Input: sig1=".count)
        let base = "\"@method\": POST\n\"@signature-params\": \(input)"
        let signature = String(sent[1].dropFirst("Signature: sig1=:".count).dropLast())
        // `openssl dgst` reads no PKCS #1 public key, so the private one checks.
        let privateKey = try key("test-key-rsa")
        #expect(try OpenSSLCommand.accepts(signature, of: base, key: privateKey, ["-sha256"], option: "-prverify"))
    }

    @Test("ECDSA P-256: the signature is r and s, 64 bytes", .enabled(if: OpenSSLCommand.isInstalled))
    func ecdsa() throws {
        let sent = try sign(
            #"{"algorithm":"ecdsa-p256-sha256",\#(keyMember("test-key-ecc-p256")),"components":["@method"]}"#)
        let input = sent[0].dropFirst("Signature-Input: sig1=".count)
        let base = "\"@method\": POST\n\"@signature-params\": \(input)"
        let raw = try #require(Data(base64Encoded: String(sent[1].dropFirst("Signature: sig1=:".count).dropLast())))
        #expect(raw.count == 64)
        let der = OpenSSLCommand.derSignature(r: raw.prefix(32), s: raw.suffix(32)).base64EncodedString()
        #expect(
            try OpenSSLCommand.accepts(der, of: base, key: try key("test-key-ecc-p256", "public"), ["-sha256"]))
    }

    @Test("Every component and parameter is written as the standard has it")
    func writesComponents() throws {
        let request = TestRequest(
            url: "https://EXAMPLE.com:443/a%20b/?x=1+2%2B&Pet=%C3%A9~*&k%20y=v",
            headers: [("X-List", " a"), ("x-list", "b \r\n  c "), ("User-Agent", "HookSentry/1.0")], body: "")
        let all = """
            "@method","@target-uri","@authority","@scheme","@request-target","@path","@query","host","x-list",
            "@query-param;name=\\"x\\"","@query-param;name=\\"Pet\\"","@query-param;name=\\"k%20y\\"","content-digest"
            """
        let secret = #""algorithm":"hmac-sha256","secret":"k""#
        let more =
            #""nonce":true,"expiresSeconds":60,"algorithmParameter":true,"tag":"a \"b\"","keyId":"k\\1""#
        let sent = try sign("{\(secret),\(more),\"components\":[\(all)]}", request)
        let input = String(sent[0].dropFirst("Signature-Input: sig1=".count))
        #expect(
            input.hasSuffix(
                #";created=1618884473;expires=1618884533;keyid="k\\1";alg="hmac-sha256";"#
                    + #"nonce="AAECAwQFBgcICQoLDA0ODxAR";tag="a \"b\"""#))
        let lines = [
            "\"@method\": POST", "\"@target-uri\": https://EXAMPLE.com/a%20b/?x=1+2%2B&Pet=%C3%A9~*&k%20y=v",
            "\"@authority\": example.com", "\"@scheme\": https",
            "\"@request-target\": /a%20b/?x=1+2%2B&Pet=%C3%A9~*&k%20y=v", "\"@path\": /a%20b/",
            "\"@query\": ?x=1+2%2B&Pet=%C3%A9~*&k%20y=v", "\"host\": EXAMPLE.com", "\"x-list\": a, b c",
            "\"@query-param\";name=\"x\": 1%202%2B", "\"@query-param\";name=\"Pet\": %C3%A9%7E*",
            "\"@query-param\";name=\"k%20y\": v",
            "\"content-digest\": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            "\"@signature-params\": \(input)",
        ]
        // The Hmac plugin has vectors of its own; here it stands in for another implementation.
        let code = try TestPlugin("Hmac", kind: HKS_KIND_AUTHENTICATOR)
            .makeInstance(#"{"secret":"k","encoding":"base64"}"#)
            .authenticate(TestRequest(body: lines.joined(separator: "\n"))).headers[0]
        #expect(sent[1] == "Signature: sig1=:\(code.dropFirst("X-Signature: ".count)):")
    }

    @Test(
        "What cannot be signed does not look signed",
        arguments: [#""x-missing""#, #""@query-param;name=\"none\"""#, #""@query-param;name=\"p\"""#])
    func failsWithoutComponent(component: String) throws {
        let failure = try #require(throws: CallFailure.self) {
            try sign(
                #"{"algorithm":"hmac-sha256","secret":"k","components":[\#(component)]}"#,
                TestRequest(url: "https://example.com/?p=1&p=2"))
        }
        #expect(failure.status == HKS_PERMANENT)
    }

    @Test(
        "Settings that make no signature are refused in a sentence that names the member",
        arguments: [
            (#"{"algorithm":"hmac-sha256","secret":"k","components":["@nothing"]}"#, "components[0]"),
            (#"{"algorithm":"hmac-sha256","secret":"k","components":["Content-Type"]}"#, "components[0]"),
            (#"{"algorithm":"hmac-sha256","secret":"k","components":["a","a"]}"#, "components[1]"),
            (#"{"algorithm":"hmac-sha256","secret":"k","components":["@query-param"]}"#, "components[0]"),
            (#"{"algorithm":"ed25519","privateKey":"s3cr3t"}"#, "privateKey"),
            (#"{"algorithm":"ed25519"}"#, "privateKey"),
            (#"{"algorithm":"hmac-sha256","secret":"s3cr3t","keyEncoding":"hex"}"#, "secret"),
        ])
    func refuses(settings: String, member: String) throws {
        let failure = try #require(throws: CallFailure.self) { try sign(settings) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.hasPrefix(member))
        #expect(!failure.sentence.contains("s3cr3t"))
    }
}
