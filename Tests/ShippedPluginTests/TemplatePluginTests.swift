import JSON
import PluginAPI
import Testing

@Suite("Template")
struct TemplatePluginTests {
    private func settings(_ template: String, _ more: String) -> String {
        #"{"template":\#(JSONValue.string(template).serializedText())\#(more)}"#
    }

    private func render(_ template: String, _ payload: String = order, _ more: String = "") throws -> String {
        try TestPlugin("Template", kind: HKS_KIND_TRANSFORMER).makeInstance(settings(template, more)).apply(payload)
    }

    @Test(
        "The type is the format's, or what the settings say",
        arguments: [
            ("", nil), (#","format":"json""#, nil), (#","format":"xml""#, "application/xml"),
            (#","format":"form""#, "application/x-www-form-urlencoded"),
            (#","format":"text""#, "text/plain; charset=utf-8"),
            (#","format":"text","contentType":"text/csv""#, "text/csv"),
            (#","contentType":"application/vnd.api+json""#, "application/vnd.api+json"),
        ] as [(String, String?)])
    func contentType(more: String, type: String?) throws {
        let plugin = try TestPlugin("Template", kind: HKS_KIND_TRANSFORMER)
        #expect(try plugin.makeInstance(settings("1", more)).transform("{}").contentType == type)
    }

    @Test("Words of combining marks are refused at once")
    func comparesWords() throws {
        // Minutes, if they were brought into canonical order.
        let marks = String(repeating: "\u{301}", count: 1 << 18) + String(repeating: "\u{316}", count: 1 << 18)
        for template in ["{{\(marks)}}", "{{/id \(marks)}}", "{{/id | \(marks)}}"] {
            let failure = try #require(throws: CallFailure.self) { try render(template) }
            #expect(failure.status == HKS_INVALID_SETTINGS)
        }
    }

    private static let order = #"""
        {"id":12345678901234567890,"net":1.10,"name":"A \"quoted\" <b>&\u00e9","paid":true,"note":null,"none":[],
         "items":[{"sku":"a","n":[1,2]},{"sku":"b/c","n":[]}],"text":"x"}
        """#

    @Test(
        "Values are copied or escaped for their place",
        arguments: [
            (#"{"id": {{/id}}, "net": {{ /net }}}"#, "json", #"{"id": 12345678901234567890, "net": 1.10}"#),
            (#"{"t": "<{{/name | jsonString}}>"}"#, "json", #"{"t": "<A \"quoted\" <b>&é>"}"#),
            (#"{"t": {{/name}}}"#, "json", #"{"t": "A \"quoted\" <b>&\u00e9"}"#),
            ("{{@payload}}", "json", order),
            ("<a n='{{/net}}'>{{/name}}</a>", "xml", "<a n='1.10'>A &quot;quoted&quot; &lt;b&gt;&amp;é</a>"),
            ("name={{/name}}&id={{/id}}", "form", "name=A+%22quoted%22+%3Cb%3E%26%C3%A9&id=12345678901234567890"),
            ("{{/name | url}}", "text", "A%20%22quoted%22%20%3Cb%3E%26%C3%A9"),
            ("{{/name}}{{/note}}{{/items/0/n}}", "text", "A \"quoted\" <b>&é[1,2]"),
            (#"{{"{{"}}{{"a\"\\"}} {{/nothing | default "-"}}"#, "text", #"{{a"\ -"#),
            (#"{"a": {{/nothing | default "d"}}}"#, "json", #"{"a": "d"}"#),
            ("{{#if /paid}}yes{{#else}}no{{#end}}{{#if /note}}a{{#end}}", "text", "yes"),
            ("{{#if /none}}a{{#else}}b{{#end}}{{#if /nothing}}c{{#else}}d{{#end}}", "text", "bd"),
            (
                #"[{{#each /items ", "}}{"i": {{@index}}, "s": {{./sku}}, "all": {{.}}}{{#end}}]"#, "json",
                #"[{"i": 0, "s": "a", "all": {"sku":"a","n":[1,2]}}, "#
                    + #"{"i": 1, "s": "b/c", "all": {"sku":"b/c","n":[]}}]"#
            ),
            (
                "{{#each /items \";\"}}{{./sku}}={{#each ./n \"+\"}}{{.}}{{/text}}{{#end}}{{#end}}", "text",
                "a=1x+2x;b/c="
            ), ("{{#each /items}}{{#if @index}},{{#end}}{{./sku}}{{#end}}", "text", "a,b/c"),
        ])
    func renders(template: String, format: String, result: String) throws {
        #expect(try render(template, Self.order, #","format":"\#(format)""#) == result)
    }

    @Test("What XML cannot hold does not break out of it")
    func escapesXML() throws {
        let payload = #"{"v":"]]>'\u0001\r\n\t"}"#
        #expect(
            try render("{{/v}}", payload, #","format":"xml""#) == "]]&gt;&#39;\u{FFFD}&#13;&#10;&#9;")
    }

    @Test("Missing values fail with place and line, or become nothing")
    func missesValues() throws {
        let failure = try #require(throws: CallFailure.self) { try render("{\n\"a\": {{/nothing/here}}}") }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.sentence == "The payload has no /nothing/here, which the template wants in line 2.")
        #expect(throws: CallFailure.self) { try render("{{#each /id}}{{#end}}", Self.order, #","format":"text""#) }
        let empty = #","missing":"empty""#
        #expect(try render(#"{"a": {{/nothing}}}"#, Self.order, empty) == #"{"a": null}"#)
        #expect(try render("<{{/nothing}}>", Self.order, empty + #","format":"text""#) == "<>")
    }

    @Test(
        "A result that is to be JSON and is none fails the attempt", arguments: ["{{/name | text}}", "{", "{{/id}} 1"])
    func checksResults(template: String) throws {
        let failure = try #require(throws: CallFailure.self) { try render(template) }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.sentence.hasPrefix("The template's result is not JSON"))
    }

    @Test(
        "A mistake in a template is refused with line, column and place",
        arguments: [
            ("a\nbé{{nope}}", "line 2, column 3: A JSON Pointer", 19),
            ("{{/a", "line 1, column 1: A }} is missing", 13),
            ("{{#each /a}}", "line 1, column 13: A {{#end}} is missing", 25),
            ("x{{#end}}", "line 1, column 2: There is nothing here to end", 14),
            ("{{/a | loud}}", "line 1, column 1: After | comes default", 13),
            ("{{/a | default b}}", "A text in quotes must follow default", 13),
            ("{{./a}}", "has a meaning in a loop only", 13), ("{{/a /b}}", "There is more between the braces", 13),
            ("{{/a~2}}", "A JSON Pointer", 13), ("{{\"a}}", "A closing quote is missing", 15),
            ("{{#each /a}}{{#else}}{{#end}}", "A loop has no {{#else}}", 13),
            ("{{#if /a}}{{#else}}{{#else}}{{#end}}", "one {{#else}} at the most", 13),
            // The place is one in the settings' text, where a line break takes two bytes.
            ("\n\n{{nope}}", "line 3, column 1", 17),
        ])
    func refuses(template: String, words: String, position: Int) throws {
        let failure = try #require(throws: CallFailure.self) { try render(template) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.hasPrefix("template, line "))
        #expect(failure.sentence.contains(words))
        #expect(failure.position == position)
    }

    @Test(
        "The place of a mistake behind a surrogate is right, be it half of a pair or not",
        arguments: [
            // The mistake is where each text ends: an {{#end}} is missing.
            (#"\ud83d"#, 6), (#"\ud83d\n"#, 8), (#"\ud83d\\"#, 8), (#"\ud83d\""#, 8), (#"\ud83dx"#, 7),
            (#"\ud83d\ude00"#, 12), (#"\uD83D\uDE00\n"#, 14), (#"\ud83d\u0041"#, 12), (#"\ud83d\ud83d"#, 12),
            (#"\ud83d\ud83d\ude00"#, 18), (#"\udc00\udc00"#, 12), (#"\ude00\n"#, 8), (#"\ud7ff\n"#, 8),
            (#"\u00e9\/"#, 8),
        ])
    func placesSurrogates(text: String, length: Int) throws {
        let settings = #"{"template":"{{#if /a}}\#(text)"}"#
        let failure = try #require(throws: CallFailure.self) {
            try TestPlugin("Template", kind: HKS_KIND_TRANSFORMER).makeInstance(settings)
        }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.contains("A {{#end}} is missing"))
        #expect(failure.position == 23 + length)
    }

    @Test("Nesting and results have bounds")
    func isBounded() throws {
        let deep = String(repeating: "{{#if /id}}", count: 17) + String(repeating: "{{#end}}", count: 17)
        #expect(throws: CallFailure.self) { try render(deep) }
        let square = "{{#each /a}}{{#each /a}}0123456789012345678901234567890123456789{{#end}}{{#end}}"
        let payload = #"{"a":[\#(Array(repeating: "1", count: 400).joined(separator: ","))]}"#
        let failure = try #require(throws: CallFailure.self) { try render(square, payload, #","format":"text""#) }
        #expect(failure.status == HKS_PERMANENT)
    }

    @Test(
        "A result that grows between the parts of a loop has the same bound",
        arguments: [
            #"{{#each /a "SEPARATOR"}}{{#end}}"#, #"{{#each /a}}{{#each /a "SEPARATOR"}}{{#end}}{{#end}}"#,
            #"{{#each /a "SEPARATOR"}}{{#if /b}}x{{#end}}{{#end}}"#,
        ])
    func boundsSeparators(template: String) throws {
        let separator = String(repeating: "-", count: 32_700)
        let payload = #"{"a":[\#(String(repeating: "1,", count: 499_999))1]}"#
        let failure = try #require(throws: CallFailure.self) {
            try render(template.replacing("SEPARATOR", with: separator), payload, #","format":"text""#)
        }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.sentence == "The template's result is larger than 4194304 bytes.")
    }

    @Test("What the last part writes counts, too")
    func boundsLastPart() throws {
        let payload = #"{"a":"\#(String(repeating: "&", count: 900_000))"}"#
        let instance = try TestPlugin("Template", kind: HKS_KIND_TRANSFORMER).makeInstance(
            settings("{{/a}}", #","format":"xml""#))
        let failure = try #require(throws: CallFailure.self) { try instance.apply(payload, sizeMax: 8 << 20) }
        #expect(failure.sentence == "The template's result is larger than 4194304 bytes.")
    }

    @Test(
        "A call that nobody waits for ends, in a loop without a body, too",
        arguments: [
            "{{#each /a}}{{#end}}", "{{#each /a}}{{.}}{{#end}}",
            // A few parts, each of which looks through all of a large payload or element.
            "{{#if /b}}{{#end}}{{#if /c}}{{#end}}", "{{#each /e}}{{#if ./b}}{{#end}}{{#if ./c}}{{#end}}{{#end}}",
        ])
    func noticesCancelling(template: String) throws {
        let host = TestHost()
        let instance = try TestPlugin("Template", kind: HKS_KIND_TRANSFORMER).makeInstance(
            settings(template, #","format":"text""#), host: host)
        let payload =
            #"{"a":[\#(String(repeating: "1,", count: 999))1],"e":["\#(String(repeating: "x", count: 99_999))"]}"#
        _ = try instance.apply(payload)
        host.isCancelled = true
        #expect(try #require(throws: CallFailure.self) { try instance.apply(payload) }.status == HKS_RETRYABLE)
    }

    @Test("A payload that is no JSON fails for good, with the place of the mistake")
    func refusesPayloads() throws {
        let failure = try #require(throws: CallFailure.self) { try render("{}", #"{"x":1,}"#) }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.position == 7)
    }
}
