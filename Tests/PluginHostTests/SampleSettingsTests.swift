import JSON
import Testing

@testable import PluginHost

@Suite("Settings made from a schema")
struct SampleSettingsTests {
    private func samples(_ schema: String) throws -> [String] {
        try SampleSettings.make(try SettingsSchema(Array(schema.utf8))).map { $0.serializedText() }
    }

    @Test("One sample with what is required and one with everything")
    func leastAndFull() throws {
        let schema = #"""
            {"type":"object","required":["name"],"properties":{
              "name":{"type":"string","minLength":20,"maxLength":24},"url":{"type":"string","format":"https-uri"},
              "count":{"type":"integer","minimum":3},"share":{"exclusiveMinimum":0,"type":"number"},
              "list":{"type":"array","items":{"enum":["x"]},"minItems":2},"on":{"type":"boolean"},
              "mode":{"type":"string","pattern":"^[A-Z][a-z]+$"}}}
            """#
        #expect(try samples(schema) == [
            #"{"name":"sample-value-1aaaaaa"}"#,
            #"{"name":"sample-value-1aaaaaa","url":"https://example.com/sample","count":3,"share":1,"list":["x","x"],"#
                + #""on":true,"mode":"Sample"}"#,
        ])
    }

    @Test("Examples at the root speak for themselves")
    func examples() throws {
        #expect(try samples(#"{"type":"object","required":["a"],"examples":[{"a":1}]}"#) == [#"{"a":1}"#])
        #expect(throws: SampleSettings.NoSample(sentence: "a sample made from the schema breaks it: a is missing")) {
            try samples(#"{"type":"object","required":["a"],"examples":[{}]}"#)
        }
    }

    @Test("A bound that is too large for an integer asks for an example", arguments: [
        #""exclusiveMinimum":1e19"#, #""exclusiveMaximum":-1e19"#, #""exclusiveMinimum":9223372036854775807"#,
    ])
    func largeBounds(bound: String) throws {
        let schema = #"{"type":"object","required":["a"],"properties":{"a":{"type":"number",\#(bound)}}}"#
        let failure = try #require(throws: SampleSettings.NoSample.self) { try samples(schema) }
        #expect(failure.sentence.hasPrefix("a sample made from the schema breaks it: a "))
    }

    @Test("A pattern that nothing fits asks for an example, unless the field may be left out")
    func noSample() throws {
        let field = #""properties":{"a":{"type":"string","pattern":"^ZZ[0-9]{7}$"}}"#
        let sentence = "no sample can be made for a; give it an example in the schema"
        #expect(throws: SampleSettings.NoSample(sentence: sentence)) {
            try samples(#"{"type":"object","required":["a"],\#(field)}"#)
        }
        #expect(try samples(#"{"type":"object",\#(field)}"#) == ["{}"])
    }
}
