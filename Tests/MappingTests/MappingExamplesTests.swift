import MappingProgram
import Testing

/// A row of the language's worked examples.
struct MappingExample: Sendable, CustomTestStringConvertible {
    var number: Int
    var mapping: String
    var payload: String
    /// What the system whose contract this project keeps answers.
    var original: String
    /// What we answer where we copy text exactly instead of rendering it anew; the meaning is the same or better.
    var ours: String

    init(_ number: Int, _ mapping: String, _ payload: String, _ original: String, ours: String? = nil) {
        self.number = number
        self.mapping = mapping
        self.payload = payload
        self.original = original
        self.ours = ours ?? original
    }

    var testDescription: String { "example \(number)" }

    static let all = [
        MappingExample(1, #"{"id":"order_id"}"#, #"{"order_id":42}"#, #"{"id":42}"#),
        MappingExample(
            2, #"{"who":"buyer:profile:nick"}"#, #"{"buyer":{"profile":{"nick":"zed"}}}"#, #"{"who":"zed"}"#),
        MappingExample(3, #"{"sku":"items[1]"}"#, #"{"items":["A1","B2"]}"#, #"{"sku":"B2"}"#),
        MappingExample(4, #"{"sku":"items[1]:sku"}"#, #"{"items":[{"sku":"A1"},{"sku":"B2"}]}"#, #"{"sku":"B2"}"#),
        MappingExample(5, #"{"total":"net+tax"}"#, #"{"net":100,"tax":19}"#, #"{"total":119}"#),
        MappingExample(6, #"{"total":"net + tax"}"#, #"{"net":100,"tax":19.5}"#, #"{"total":119.5}"#),
        // Sums are exact decimals.
        MappingExample(
            7, #"{"t":"a+b"}"#, #"{"a":0.1,"b":0.2}"#, #"{"t":0.30000000000000004}"#, ours: #"{"t":0.3}"#),
        MappingExample(8, #"{"full":"first+last"}"#, #"{"first":"Ada","last":"Byron"}"#, #"{"full":"AdaByron"}"#),
        MappingExample(9, #"{"ref":"prefix+number"}"#, #"{"prefix":"INV-","number":7}"#, #"{"ref":"INV-7"}"#),
        // Numbers keep their text.
        MappingExample(
            10, #"{"ref":"number+suffix"}"#, #"{"number":1.50,"suffix":"kg"}"#, #"{"ref":"1.5kg"}"#,
            ours: #"{"ref":"1.50kg"}"#),
        MappingExample(11, #"{"v":"a+b"}"#, #"{"a":"5","b":3}"#, #"{"v":"53"}"#),
        MappingExample(12, #"{"v":"a+b"}"#, #"{"a":true,"b":1}"#, "{}"),
        MappingExample(13, #"{"v":"a+b","w":"a"}"#, #"{"a":"x"}"#, #"{"w":"x"}"#),
        MappingExample(14, #"{"v":"a+b+c"}"#, #"{"a":1,"b":2,"c":3}"#, "{}"),
        MappingExample(15, #"{"v":"a+b+c"}"#, #"{"a":1,"b+c":2}"#, #"{"v":3}"#),
        MappingExample(16, #"{"v":"+a"}"#, #"{"+a":"plus","a":1}"#, #"{"v":"plus"}"#),
        MappingExample(
            17, #"{"tags":["ref","head:id"]}"#, #"{"ref":"main","head":{"id":"9f2"}}"#, #"{"tags":["main","9f2"]}"#),
        MappingExample(
            18, #"{"tags":["ref","nope","flag"]}"#, #"{"ref":"main","flag":null}"#, #"{"tags":["main",null,null]}"#),
        MappingExample(
            19, #"{"tags":["a",5,{"x":"a"},["a"],"b+c"]}"#, #"{"a":"k","b":1,"c":2}"#, #"{"tags":["k",3]}"#),
        MappingExample(20, #"{"tags":[]}"#, #"{"a":1}"#, #"{"tags":[]}"#),
        MappingExample(21, #"{"a":"x","b":"y"}"#, #"{"x":null,"y":false}"#, #"{"b":false}"#),
        MappingExample(22, #"{"addr":"ship"}"#, #"{"ship":{"city":"Rio"}}"#, "{}"),
        MappingExample(23, #"{"list":"items"}"#, #"{"items":[1,2]}"#, "{}"),
        MappingExample(24, #"{"out":{"inner":"a"}}"#, #"{"a":1}"#, "{}"),
        MappingExample(25, #"{"const":7,"flag":true,"n":null,"a":"a"}"#, #"{"a":1}"#, #"{"a":1}"#),
        MappingExample(26, #"{"lit":"hello"}"#, #"{"a":1}"#, "{}"),
        MappingExample(
            27, #"{"big":"n"}"#, #"{"n":12345678901234567890}"#, #"{"big":1.2345678901234567E+19}"#,
            ours: #"{"big":12345678901234567890}"#),
        // Sums do not wrap.
        MappingExample(
            28, #"{"max":"n","next":"n+one"}"#, #"{"n":9223372036854775807,"one":1}"#,
            #"{"max":9223372036854775807,"next":-9223372036854775808}"#,
            ours: #"{"max":9223372036854775807,"next":9223372036854775808}"#),
        MappingExample(
            29, #"{"p":"x","q":"y","r":"z"}"#, #"{"x":1.0,"y":10.50,"z":1e3}"#, #"{"p":1,"q":10.5,"r":1000}"#,
            ours: #"{"p":1.0,"q":10.50,"r":1e3}"#),
        MappingExample(30, #"{"a":"m[0][1]","b":"m[0]:[1]"}"#, #"{"m":[["p","q"]]}"#, #"{"b":"q"}"#),
        MappingExample(31, #"{"a":"[0]:id"}"#, #"[{"id":"first"}]"#, #"{"a":"first"}"#),
        MappingExample(
            32, #"{"a":"items[-1]","b":"items[9]","c":"items[x]","d":"items[0"}"#, #"{"items":["z"]}"#, "{}"),
        MappingExample(33, #"{"a":"items[ 0 ]"}"#, #"{"items":["z"]}"#, #"{"a":"z"}"#),
        MappingExample(34, #"{"a":"items[0]junk"}"#, #"{"items":["z"]}"#, #"{"a":"z"}"#),
        MappingExample(35, #"{"a":"list[+0]"}"#, #"{"list":["z"]}"#, "{}"),
        MappingExample(36, #"{"a":"User:Name","b":"user : name"}"#, #"{"user":{"name":"n"}}"#, "{}"),
        MappingExample(37, #"{"a":"x.y"}"#, #"{"x":{"y":1},"x.y":2}"#, #"{"a":2}"#),
        MappingExample(38, #"{"a":""}"#, #"{"":"blank"}"#, #"{"a":"blank"}"#),
        // UTF-8 is left alone, and only what JSON demands is escaped.
        MappingExample(
            39, #"{"name":"n"}"#, #"{"n":"Zoë & <b>"}"#, #"{"name":"Zo\u00EB \u0026 \u003Cb\u003E"}"#,
            ours: #"{"name":"Zoë & <b>"}"#),
        MappingExample(40, #"{"a":"x"}"#, "5", "{}"),
        MappingExample(41, #"{"a":"x","a":"y"}"#, #"{"x":1,"y":2}"#, #"{"a":2}"#),
        MappingExample(42, #"{"a":"x"}"#, #"{"x":1,"x":2}"#, #"{"a":2}"#),
        MappingExample(43, "{}", #"{"x":1}"#, "{}"),
        MappingExample(
            44, #"{"a":"n","b":"n+s"}"#, #"{"n":1e20,"s":"u"}"#, #"{"a":1E+20,"b":"1E\u002B20u"}"#,
            ours: #"{"a":1e20,"b":"1e20u"}"#),
        MappingExample(45, #"{"v":"s"}"#, #"{"s":"1+1"}"#, #"{"v":"1\u002B1"}"#, ours: #"{"v":"1+1"}"#),
    ]

    /// The rows whose bytes differ from the original's, and nothing else may.
    static let improved: Set<Int> = [7, 10, 27, 28, 29, 39, 44, 45]
}

@Suite("The worked examples of the mapping language")
struct MappingExamplesTests {
    @Test("Each example gives its result", arguments: MappingExample.all)
    func gives(example: MappingExample) throws {
        #expect(try map(example.payload, by: example.mapping) == example.ours)
    }

    @Test("All examples are here, and only the improved ones differ from the original")
    func isComplete() {
        #expect(MappingExample.all.map(\.number) == Array(1...45))
        #expect(Set(MappingExample.all.filter { $0.ours != $0.original }.map(\.number)) == MappingExample.improved)
    }
}

/// Compiles, applies, and answers as text.
func map(_ payload: String, by mapping: String) throws -> String {
    let program = try MappingProgram(parsing: Array(mapping.utf8).span)
    return String(decoding: try program.apply(to: Array(payload.utf8).span), as: UTF8.self)
}
