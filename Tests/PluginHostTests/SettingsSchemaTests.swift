import JSON
import Testing

@testable import PluginHost

@Suite("The JSON Schema of settings")
struct SettingsSchemaTests {
    private func mistake(_ schema: String, _ settings: String, allowsHTTP: Bool = false) throws -> String? {
        do {
            _ = try SettingsSchema(Array(schema.utf8)).checked(Array(settings.utf8), allowsHTTP: allowsHTTP)
            return nil
        } catch let mistake as SettingsMistake {
            return mistake.sentence
        }
    }

    /// A schema of one property, `a`.
    private func property(_ rules: String) -> String { #"{"type":"object","properties":{"a":\#(rules)}}"# }

    @Test("A value that breaks a rule is named with its place and the rule", arguments: [
        (#"{"type":"string"}"#, "1", "a must be a text"),
        (#"{"type":["string","null"]}"#, "[]", "a must be a text or null"),
        (#"{"type":"boolean"}"#, "0", "a must be true or false"),
        (#"{"type":"integer"}"#, "1.5", "a must be a whole number"),
        (#"{"type":"integer"}"#, "1e400", "a must be a whole number"),
        (#"{"type":"string","minLength":1}"#, #""""#, "a must not be empty"),
        (#"{"type":"string","minLength":3}"#, #""ab""#, "a must have at least 3 characters"),
        (#"{"type":"string","maxLength":1}"#, #""😀""#, "a must have at most 1 characters"),
        (#"{"pattern":"^[A-Za-z0-9_-]+$"}"#, #""a b""#, "a must match ^[A-Za-z0-9_-]+$"),
        (#"{"pattern":"^[a-z]+$"}"#, #""ab\n""#, "a must match ^[a-z]+$"),
        (#"{"pattern":"^[^\\n]$"}"#, #""\r\n""#, #"a must match ^[^\n]$"#),
        (#"{"pattern":"^\\d$"}"#, #""٣""#, #"a must match ^\d$"#),
        (#"{"minimum":1}"#, "0.99", "a must be at least 1"),
        (#"{"maximum":10}"#, "10.01", "a must be at most 10"),
        (#"{"exclusiveMinimum":0}"#, "0", "a must be more than 0"),
        (#"{"exclusiveMaximum":1.5}"#, "1.5", "a must be less than 1.5"),
        (#"{"enum":["x",2]}"#, #""y""#, #"a must be one of "x", 2"#),
        (#"{"const":true}"#, "false", "a must be true"),
        (#"{"format":"https-uri"}"#, #""http://example.com""#, "a must be an https:// URL"),
        (#"{"format":"https-uri"}"#, #""https://""#, "a must be an https:// URL"),
        (#"{"format":"https-uri"}"#, #""https://exa mple.com""#, "a must be an https:// URL"),
        (#"{"format":"https-uri"}"#, #""https://user@:80/""#, "a must be an https:// URL"),
        (#"{"format":"uri"}"#, #""/relative""#, "a must be an absolute URI"),
        (#"{"minItems":1}"#, "[]", "a must have at least 1 items"),
        (#"{"maxItems":1}"#, "[1,2]", "a must have at most 1 items"),
        (#"{"items":{"type":"number"}}"#, #"[1,"x"]"#, "a[1] must be a number"),
        (#"{"properties":{"b":{"type":"null"}}}"#, #"{"b":1}"#, "a.b must be null"),
        (#"{"required":["b"]}"#, "{}", "a.b is missing"),
        (#"{"additionalProperties":false}"#, #"{"b":1}"#, "a.b is not a setting of this component"),
        (#"{"additionalProperties":{"type":"string"}}"#, #"{"b":1}"#, "a.b must be a text"),
        ("{}", #"{"b":1,"b":2}"#, "a.b appears twice"),
    ])
    func broken(rules: String, value: String, sentence: String) throws {
        #expect(try mistake(property(rules), #"{"a":\#(value)}"#) == sentence)
    }

    @Test("A value that keeps the rules passes", arguments: [
        (#"{"type":"integer"}"#, "1.0"), (#"{"type":"integer"}"#, "12345678901234567890"),
        (#"{"type":"number"}"#, "1e400"),
        (#"{"maxLength":2}"#, #""😀""#), (#"{"maxLength":1}"#, "123"), (#"{"enum":[1]}"#, "1.0"),
        (#"{"const":{"x":1,"y":2}}"#, #"{"y":2,"x":1}"#), (#"{"pattern":"b"}"#, #""abc""#),
        (#"{"format":"https-uri"}"#, #""HTTPS://example.com:8443/a?b=c""#), (#"{"format":"uri"}"#, #""urn:a:b""#),
        ("{}", "null"),
    ])
    func kept(rules: String, value: String) throws {
        #expect(try mistake(property(rules), #"{"a":\#(value)}"#) == nil)
    }

    @Test("Where the operator allows plain http, it passes for https, and nothing else does")
    func plainHTTP() throws {
        let schema = property(#"{"format":"https-uri"}"#)
        #expect(try mistake(schema, #"{"a":"http://127.0.0.1:80/"}"#, allowsHTTP: true) == nil)
        #expect(try mistake(schema, #"{"a":"https://example.com/"}"#, allowsHTTP: true) == nil)
        #expect(try mistake(schema, #"{"a":"ftp://example.com/"}"#, allowsHTTP: true) != nil)
        #expect(try mistake(schema, #"{"a":"http://"}"#, allowsHTTP: true) != nil)
    }

    @Test("Settings that are no JSON object are refused")
    func noObject() throws {
        let schema = #"{"type":"object"}"#
        #expect(try mistake(schema, "[]") == "the settings must be an object")
        #expect(try mistake(schema, "{")?.hasPrefix("the settings are not JSON: ") == true)
    }

    @Test("A schema with a rule that is unknown or misshapen is refused", arguments: [
        (##"{"type":"object","$ref":"#/x"}"##,
            ##"its settings schema uses "$ref" at #, which this host does not know"##),
        (#"{"type":"object","properties":{"a":{"oneOf":[]}}}"#,
            ##"its settings schema uses "oneOf" at #/properties/a, which this host does not know"##),
        (#"{"type":"object","properties":{"a":{"pattern":"("}}}"#,
            "its settings schema needs a regular expression at #/properties/a/pattern"),
        (#"{"type":"object","properties":{"a":{"format":"date"}}}"#,
            "its settings schema needs uri or https-uri at #/properties/a/format"),
        (#"{"type":"object","required":[1]}"#, "its settings schema needs texts at #/required"),
        (#"{"type":"object","properties":{"a":{"minLength":-1}}}"#,
            "its settings schema needs a count at #/properties/a/minLength"),
        (#"{"type":"thing"}"#, "its settings schema needs a type of JSON Schema at #/type"),
        (#"{"type":["object","null"]}"#, "its settings schema does not describe an object"),
        ("true", "its settings schema has no object at #"),
    ])
    func badSchema(schema: String, sentence: String) {
        #expect(throws: Refused(sentence)) { try SettingsSchema(Array(schema.utf8)) }
    }

    @Test("Secrets are redacted wherever the schema marks them, and found for the clearing of sentences")
    func secrets() throws {
        let schema = try SettingsSchema(Array(#"""
            {"type":"object","properties":{"name":{"type":"string"},"key":{"type":"string","writeOnly":true},
             "deep":{"type":"object","properties":{"list":{"type":"array","items":{"writeOnly":true}}}}},
             "additionalProperties":{"writeOnly":true}}
            """#.utf8))
        let settings = try JSONValue(parsing: Array(
            #"{"name":"n","key":"k\"ey","deep":{"list":["one",22222]},"other":{"x":"three"}}"#.utf8))
        #expect(schema.root.redacted(settings).serializedText()
            == #"{"name":"n","key":"***","deep":{"list":["***","***"]},"other":"***"}"#)
        let texts = schema.root.secretTexts(in: settings).map { String(decoding: $0, as: UTF8.self) }
        #expect(texts == ["k\"ey", "k\\\"ey", "one", "22222", "three"])
    }
}
