import JSON
import PluginAPI
import Testing

@Suite("JsonPatch (RFC 6902)")
struct JsonPatchPluginTests {
    struct Case: CustomTestStringConvertible {
        var number: Int
        var members: JSONObject
        var testDescription: String { "\(number): \(members["comment"]?.text ?? "")" }

        static let all = Vectors.list("json-patch").compactMap(\.members).enumerated().map(Case.init)
    }

    private func apply(_ patch: String, _ payload: String) throws -> String {
        try TestPlugin("JsonPatch", kind: HKS_KIND_TRANSFORMER).makeInstance(#"{"patch":\#(patch)}"#).apply(payload)
    }

    @Test("The public JSON Patch test suite and the standard's examples", arguments: Case.all)
    func matchesSuite(vector: Case) throws {
        let members = vector.members
        let document = try #require(members["doc"]).serializedText()
        let patch = try members["patchText"]?.text ?? #require(members["patch"]).serializedText()
        if members["error"] != nil {
            #expect(throws: CallFailure.self) { try apply(patch, document) }
            return
        }
        let result = try JSONValue(parsing: Array(try apply(patch, document).utf8))
        let expected = members["expected"] ?? members["doc"]!
        #expect(Self.sorted(result) == Self.sorted(expected))
    }

    /// With members in order of their names, since their order means nothing.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            .object(JSONObject(object.members.map { ($0.name, sorted($0.value)) }.sorted { $0.0 < $1.0 }))
        case .array(let elements): .array(elements.map(sorted))
        default: value
        }
    }

    @Test("The suite is complete")
    func suiteIsComplete() { #expect(Case.all.count == 103) }

    @Test(
        "What is not touched stays byte for byte, and what is added keeps its spelling",
        arguments: [
            (#"[{"op":"add","path":"/a","value":1.10}]"#, #"{ "n" : 1e400 }"#, #"{ "n" : 1e400,"a":1.10 }"#),
            (
                #"[{"op":"move","from":"/n","path":"/m"}]"#, #"{"n":12345678901234567890, "x":"\u00e9"}"#,
                #"{"x":"\u00e9","m":12345678901234567890}"#
            ),
            (#"[{"op":"remove","path":"/a/0"}]"#, "{\"a\" : [ 1 , 2 ]}", "{\"a\" : [ 2 ]}"),
            (#"[{"op":"remove","path":"/a/1"}]"#, "{\"a\" : [ 1 , 2 ]}", "{\"a\" : [ 1 ]}"),
            (#"[{"op":"remove","path":"/a"}]"#, #"{ "a" : 1 }"#, "{  }"),
            (#"[{"op":"add","path":"/a","value":[]}]"#, "{ }", #"{"a":[] }"#),
            (#"[{"op":"add","path":"/\u00e9~1\"","value":1}]"#, "{}", #"{"é/\"":1}"#),
            (#"[{"op":"replace","path":"","value":"x"}]"#, "[1]", #""x""#),
            (#"[{"op":"copy","from":"","path":"/me"}]"#, #"{"a":1}"#, #"{"a":1,"me":{"a":1}}"#),
            // Of a repeated member the last one counts, and none is left behind.
            (#"[{"op":"remove","path":"/a"}]"#, #"{"a":1,"b":2,"a":3}"#, #"{"b":2}"#),
            (#"[{"op":"remove","path":"/a"}]"#, #"{"a":1,"a":2}"#, "{}"),
            (#"[{"op":"replace","path":"/a","value":0}]"#, #"{"a":1,"a":2}"#, #"{"a":1,"a":0}"#),
        ])
    func keepsBytes(patch: String, payload: String, result: String) throws {
        #expect(try apply(patch, payload) == result)
    }

    @Test(
        "test compares numbers by value and texts by code points",
        arguments: [
            ("1.0", "1", true), ("1e2", "100", true), ("-0", "0", true), ("1e400", "10e399", true),
            ("0.1", "0.10000000000000001", false), ("12345678901234567890", "12345678901234567891", false),
            (#""é""#, #""\u00e9""#, true), (#""é""#, #""e\u0301""#, false), ("null", "false", false),
            (#"{"a":1,"b":[2.0]}"#, #"{"b":[2],"a":1e0}"#, true), (#"{"a":1}"#, #"{"a":1,"b":2}"#, false),
        ])
    func comparesValues(value: String, found: String, isSame: Bool) throws {
        let patch = #"[{"op":"test","path":"/v","value":\#(value)}]"#
        if isSame {
            #expect(try apply(patch, #"{"v":\#(found)}"#) == #"{"v":\#(found)}"#)
        } else {
            let failure = try #require(throws: CallFailure.self) { try apply(patch, #"{"v":\#(found)}"#) }
            #expect(failure.status == HKS_PERMANENT)
            #expect(failure.sentence == "Operation 0 of the patch (test) found another value.")
        }
    }

    @Test("A payload that doubles with each operation is stopped")
    func stopsGrowth() throws {
        let doubling = (0..<60).map { #"{"op":"copy","from":"","path":"/c\#($0)"}"# }.joined(separator: ",")
        let failure = try #require(throws: CallFailure.self) { try apply("[\(doubling)]", #"{"a":"0123456789"}"#) }
        #expect(failure.status == HKS_PERMANENT)
    }

    @Test("A call that nobody waits for ends before the next operation")
    func noticesCancelling() throws {
        let host = TestHost()
        let instance = try TestPlugin("JsonPatch", kind: HKS_KIND_TRANSFORMER).makeInstance(
            #"{"patch":[{"op":"remove","path":"/a"}]}"#, host: host)
        #expect(try instance.apply(#"{"a":1}"#) == "{}")
        host.isCancelled = true
        #expect(try #require(throws: CallFailure.self) { try instance.apply(#"{"a":1}"#) }.status == HKS_RETRYABLE)
    }

    @Test(
        "A patch that is none is refused with its place",
        arguments: [
            (#"{"patch":[{"op":"remove","path":"/a"},{"op":"no","path":"/a"}]}"#, "patch[1].op", 38),
            (#"{"patch":[{"op":"add","path":"a","value":1}]}"#, "patch[0].path", 10),
            (#"{"patch":[{"op":"add","path":"/~2","value":1}]}"#, "patch[0].path", 10),
            (#"{"patch":[{"op":"remove","path":""}]}"#, "patch[0].path", 10),
            (#"{"patch":[{"op":"move","from":"/a","path":"/a/b"}]}"#, "patch[0] moves", 10),
            (#"{"patch":[{"op":"add","path":"/a"}]}"#, "patch[0].value", 10), (#"{}"#, "patch is missing", nil),
            (#"{"patch":[{"op":"remove","path":"/a","op":"add"}]}"#, "patch[0] has op twice", 10),
        ] as [(String, String, Int?)])
    func refuses(settings: String, words: String, position: Int?) throws {
        let failure = try #require(throws: CallFailure.self) {
            try TestPlugin("JsonPatch", kind: HKS_KIND_TRANSFORMER).makeInstance(settings)
        }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.hasPrefix(words))
        #expect(failure.position == position)
    }

    @Test("A payload that is no JSON fails for good, with the place of the mistake")
    func refusesPayloads() throws {
        let failure = try #require(throws: CallFailure.self) {
            try apply(#"[{"op":"remove","path":"/a"}]"#, #"{"a":1,}"#)
        }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.position == 7)
    }
}
