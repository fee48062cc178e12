import PluginAPI
import Testing

@Suite("Redact")
struct RedactPluginTests {
    private func apply(_ settings: String, _ payload: String) throws -> String {
        try TestPlugin("Redact", kind: HKS_KIND_TRANSFORMER).makeInstance(settings).apply(payload)
    }

    private static let order =
        #"{"id":1.10,"card":{"number":"4111111111111111","cvc":737},"items":[{"price":1e400,"n":1},{"price":2}]}"#

    @Test(
        "Places are removed, masked or left alone",
        arguments: [
            (
                #"[{"path":"/card"}]"#, order, #"{"id":1.10,"items":[{"price":1e400,"n":1},{"price":2}]}"#
            ),
            (
                #"[{"path":"/card/number","action":"mask","keepLast":4},{"path":"/*/cvc","action":"mask","mask":"-"}]"#,
                order,
                #"{"id":1.10,"card":{"number":"***1111","cvc":"-"},"items":[{"price":1e400,"n":1},{"price":2}]}"#
            ),
            (
                #"[{"path":"/items/*/price"}]"#, order,
                #"{"id":1.10,"card":{"number":"4111111111111111","cvc":737},"items":[{"n":1},{}]}"#
            ),
            (
                #"[{"path":"/items/1"},{"path":"/**/cvc"},{"path":"/none/at/all"}]"#, order,
                #"{"id":1.10,"card":{"number":"4111111111111111"},"items":[{"price":1e400,"n":1}]}"#
            ),
            (#"[{"path":"/**/p"}]"#, #"{"p":1,"a":[{"p":2,"q":[[{"p":3}]]}]}"#, #"{"a":[{"q":[[{}]]}]}"#),
            (#"[{"path":"/a/**/p"}]"#, #"{"p":1,"a":{"p":2,"b":{"p":3}}}"#, #"{"p":1,"a":{"b":{}}}"#),
            (
                #"[{"path":"/**/a/**/b"}]"#, #"{"x":{"a":{"y":{"b":1,"c":2}}},"b":3}"#,
                #"{"x":{"a":{"y":{"c":2}}},"b":3}"#
            ),
            (#"[{"path":"/*"}]"#, #"{"a":1,"b":2}"#, "{}"), (#"[{"path":"/0"}]"#, "[1,2]", "[2]"),
            (#"[{"path":"/00"}]"#, "[1,2]", "[1,2]"), (#"[{"path":"/a~1b"}]"#, #"{"a/b":1}"#, "{}"),
            (#"[{"path":"/a"}]"#, #""text""#, #""text""#),
        ])
    func redacts(rules: String, payload: String, result: String) throws {
        #expect(try apply(#"{"rules":\#(rules)}"#, payload) == result)
    }

    @Test(
        "Of several rules that fit a value the first counts, whatever way led there",
        arguments: [
            (#"{"path":"/**/p"},{"path":"/p","action":"mask"}"#, #"{"p":1,"q":{"p":1}}"#, #"{"q":{}}"#),
            (#"{"path":"/p","action":"mask"},{"path":"/**/p"}"#, #"{"p":1,"q":{"p":1}}"#, #"{"p":"***","q":{}}"#),
            (
                #"{"path":"/**/p"},{"path":"/*/p","action":"mask"},{"path":"/p","action":"mask"}"#,
                #"{"q":{"p":1},"p":1}"#, #"{"q":{}}"#
            ),
            (
                #"{"path":"/a/**/b/**/p"},{"path":"/a/**/p","action":"mask"}"#,
                #"{"a":{"p":1,"b":{"p":1,"c":{"p":1}}}}"#, #"{"a":{"p":"***","b":{"c":{}}}}"#
            ),
        ])
    func firstRuleCounts(rules: String, payload: String, result: String) throws {
        #expect(try apply(#"{"rules":[\#(rules)]}"#, payload) == result)
    }

    @Test(
        "Steps of any depth in a row, or with others between them, cost no more than their number",
        .timeLimit(.minutes(1)), arguments: ["/**", "/**/*", "/**/a", "/**/**/*"])
    func boundsAnyDepth(step: String) throws {
        let paths = (0..<8).map { #"{"path":"\#(String(repeating: step, count: 100))/x\#($0)"}"# }
        let rules = #"{"rules":[\#(paths.joined(separator: ","))]}"#
        let arrays = String(repeating: "[", count: 60) + "1" + String(repeating: "]", count: 60)
        #expect(try apply(rules, arrays) == arrays)
        let objects = String(repeating: #"{"a":"#, count: 60) + #"{"x7":1}"# + String(repeating: "}", count: 60)
        let depthMin = step.split(separator: "/").count { $0 != "**" } * 100
        #expect(try apply(rules, objects) == (depthMin > 60 ? objects : objects.replacing(#""x7":1"#, with: "")))
    }

    @Test("A long name with an escape is read once, not once for each rule that asks for it", .timeLimit(.minutes(1)))
    func readsNamesOnce() throws {
        let paths = (0..<64).map { #"{"path":"\#(String(repeating: "/**/a", count: 64))/x\#($0)"}"# }
        let name = #"\u0062"# + String(repeating: "b", count: 1 << 20)
        let payload =
            String(repeating: #"{"a":"#, count: 61) + #"{"\#(name)":1}"# + String(repeating: "}", count: 61)
        let instance = try TestPlugin("Redact", kind: HKS_KIND_TRANSFORMER).makeInstance(
            #"{"rules":[\#(paths.joined(separator: ","))]}"#)
        #expect(try instance.apply(payload, sizeMax: 2 << 20) == payload)
    }

    @Test("Many small values must not become a result without bound; a large payload may stay as large as it is")
    func boundsResults() throws {
        let values = "[\(String(repeating: "1,", count: 99_999))1]"
        let mask = #"{"rules":[{"path":"/*","action":"mask","mask":"\#(String(repeating: "*", count: 64))"}]}"#
        let failure = try #require(throws: CallFailure.self) { try apply(mask, values) }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.sentence == "The result has more than 4194304 bytes, and more than the payload.")
        let large = "{\"a\":\"\(String(repeating: "x", count: 5 << 20))\"}"
        let instance = try TestPlugin("Redact", kind: HKS_KIND_TRANSFORMER).makeInstance(#"{"rules":[{"path":"/b"}]}"#)
        #expect(try instance.apply(large, sizeMax: 8 << 20) == large)
    }

    @Test("A call that nobody waits for ends")
    func noticesCancelling() throws {
        let host = TestHost()
        let instance = try TestPlugin("Redact", kind: HKS_KIND_TRANSFORMER).makeInstance(
            #"{"rules":[{"path":"/**/x"}]}"#, host: host)
        let payload = "[\(String(repeating: "1,", count: 99_999))1]"
        #expect(try instance.apply(payload) == payload)
        host.isCancelled = true
        #expect(try #require(throws: CallFailure.self) { try instance.apply(payload) }.status == HKS_RETRYABLE)
        // Where no rule leads on to an item, it was asked about all the same.
        let narrow = try TestPlugin("Redact", kind: HKS_KIND_TRANSFORMER).makeInstance(
            #"{"rules":[{"path":"/x"}]}"#, host: host)
        #expect(try #require(throws: CallFailure.self) { try narrow.apply(payload) }.status == HKS_RETRYABLE)
    }

    @Test("What no rule is about stays byte for byte, white space and escapes included")
    func keepsBytes() throws {
        let payload = #" { "keep" : { "n" : 1e400, "t" : "\u00e9\/" } , "s" : 1 }  "#
        #expect(try apply(#"{"rules":[{"path":"/s"}]}"#, payload) == #"{"keep":{ "n" : 1e400, "t" : "\u00e9\/" }}"#)
    }

    @Test("A name that is repeated, or written with escapes, does not slip through")
    func catchesDisguises() throws {
        let payload = #"{"p":1,"\u0070":2,"p":3,"q":4}"#
        #expect(try apply(#"{"rules":[{"path":"/p"}]}"#, payload) == #"{"q":4}"#)
        #expect(
            try apply(#"{"rules":[{"path":"/p","action":"mask"}]}"#, payload)
                == #"{"p":"***","\u0070":"***","p":"***","q":4}"#)
    }

    @Test("A hash is of the text or of the number as written; with a key it is an HMAC")
    func hashes() throws {
        let plain = #"{"rules":[{"path":"/v","action":"hash"}]}"#
        // printf '%s' 'é' | sha256sum; the same for 1.10
        let text = "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
        #expect(try apply(plain, #"{"v":"é"}"#) == #"{"v":"\#(text)"}"#)
        #expect(try apply(plain, #"{"v":"\u00e9"}"#) == #"{"v":"\#(text)"}"#)
        #expect(try apply(plain, #"{"v":1.10}"#) != apply(plain, #"{"v":1.1}"#))
        // RFC 4231, test case 2.
        let keyed = #"{"rules":[{"path":"/v","action":"hash"}],"hashKey":"Jefe"}"#
        #expect(
            try apply(keyed, #"{"v":"what do ya want for nothing?"}"#)
                == #"{"v":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}"#)
    }

    @Test(
        "A masked value keeps no more than half of itself",
        arguments: [
            (#""12345678""#, #""***5678""#), (#""1234567""#, #""***""#), ("12345678", #""***5678""#),
            (#"{"a":12345678}"#, #""***""#), ("null", #""***""#), (#""ab\"cdefg\"""#, #""***efg\"""#),
            // Characters, not bytes of UTF-8.
            (#""山田太郎""#, #""***""#), (#""山田太郎山田太""#, #""***""#), (#""山田太郎さんです""#, #""***さんです""#),
            (#""\u5c71\u7530\u592a\u90ce""#, #""***""#),
            (#""\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00""#, #""***""#),
        ])
    func keepsLast(value: String, masked: String) throws {
        let rules = #"{"rules":[{"path":"/v","action":"mask","keepLast":4}]}"#
        #expect(try apply(rules, #"{"v":\#(value)}"#) == #"{"v":\#(masked)}"#)
    }

    @Test(
        "Rules that are none are refused",
        arguments: [
            (#"{}"#, "rules"), (#"{"rules":[]}"#, "rules"), (#"{"rules":[{"path":"a"}]}"#, "rules[0].path"),
            (#"{"rules":[{"path":""}]}"#, "rules[0].path"), (#"{"rules":[{"path":"/a/**"}]}"#, "rules[0].path"),
            (#"{"rules":[{"path":"/a"},{"path":"/b","action":"burn"}]}"#, "rules[1].action"),
            (#"{"rules":[{"path":"/a","keepLast":-1}]}"#, "rules[0].keepLast"),
            (#"{"rules":[{"path":"/a","keepLast":4.0}]}"#, "rules[0].keepLast"),
            (#"{"rules":[{"path":"/a","keepLast":4e0}]}"#, "rules[0].keepLast"), (#"{"rules":[1]}"#, "rules[0]"),
        ])
    func refuses(settings: String, words: String) throws {
        let failure = try #require(throws: CallFailure.self) { try apply(settings, "{}") }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.hasPrefix(words))
    }

    @Test(
        "A payload that is no JSON fails for good and lets nothing through",
        arguments: ["{\"s\":1", "{}x", "", "{'a'}"])
    func refusesPayloads(payload: String) throws {
        let failure = try #require(throws: CallFailure.self) { try apply(#"{"rules":[{"path":"/s"}]}"#, payload) }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.position != nil)
    }
}
