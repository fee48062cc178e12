import Testing

@testable import Config

@Suite struct JSON5ReaderTests {
    private func read(_ text: String) throws -> String {
        try shown(ConfigurationNode(json5: Array(text.utf8)))
    }

    private func shown(_ node: ConfigurationNode) -> String {
        switch node.content {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .text(let text): "'\(text)'"
        case .list(let items): "[" + items.map(shown).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { "\($0.name):\(shown($0.node))" }.joined(separator: ",") + "}"
        }
    }

    @Test(arguments: [
        ("{}", "{}"), (" [ ] ", "[]"), ("null", "null"), ("true//x", "true"), ("/*x*/false", "false"),
        ("[1,]", "[1.0]"), ("{a:1,}", "{a:1.0}"), ("{$a_1:1,'b c':2,\"d\":3}", "{$a_1:1.0,b c:2.0,d:3.0}"),
        ("[+1,-1,.5,5.,1e3,0xFF,-0x10,0]", "[1.0,-1.0,0.5,5.0,1000.0,255.0,-16.0,0.0]"),
        ("[Infinity,-Infinity]", "[inf,-inf]"), (#"'a"b'"#, #"'a"b'"#), (#""a'b""#, "'a'b'"),
        (#"'\x41\u00e9\ud83d\ude00\'\q'"#, "'Aé😀'q'"), ("'a\\\nb'", "'ab'"), ("\u{FEFF}1", "1.0"),
        ("{ü:1}", "{ü:1.0}"), ("\u{A0}1", "1.0"), (#"'// no comment'"#, "'// no comment'"),
    ])
    func `what JSON5 allows is read`(text: String, value: String) throws {
        #expect(try read(text) == value)
    }

    @Test(arguments: [
        "", "{", "[", "{a}", "{a:}", "{a:1 b:2}", "[1 2]", "[,]", "{,}", "'a", "'a\nb'", "nope", "1 2", "01", "1x",
        "--1", "+-1", "0x", "0xg", ".", "1e", "/*", "/", #"'\1'"#, #"'\x4'"#, #"'\u12'"#, #"'\ud800'"#, "{a:1,a:2}",
        "{1:2}", "'a\\", String(repeating: "[", count: 100_000), "\u{0}",
    ])
    func `what it does not allow is refused`(text: String) {
        #expect(throws: JSON5Error.self) { try read(text) }
    }

    @Test func `broken UTF-8 is refused`() {
        #expect(throws: JSON5Error.self) { try ConfigurationNode(json5: [0x22, 0xFF, 0x22]) }
    }

    @Test func `an error names its line`() {
        let error = #expect(throws: JSON5Error.self) { try read("{\n a: 1,\n b: nope,\n}") }
        #expect(error == JSON5Error(line: 3, reason: "nope is not a value; texts need quotes"))
    }
}
