import PluginKit

/// Reads a template into nodes.
///
///     {{/order/id}}            a value of the payload, by JSON Pointer
///     {{./sku}} {{.}} {{@index}}   of the element at hand, inside a loop
///     {{/name | xml}}          escaped otherwise than the format says
///     {{/name | default "-"}}  where there is none
///     {{#each /items ","}}…{{#end}}   the text after the reference stands between two
///     {{#if /paid}}…{{#else}}…{{#end}}
///     {{"{{"}}                 a text as it is
struct TemplateReader {
    static let depthMax = 16

    private let bytes: [UInt8]
    private let format: Format
    private var offset = 0

    private enum End {
        case template, end, otherwise
    }

    static func program(_ text: String, format: Format) throws(TemplateMistake) -> [Node] {
        var reader = TemplateReader(bytes: Array(text.utf8), format: format)
        return try reader.nodes(depth: 0, isInLoop: false).nodes
    }

    private init(bytes: [UInt8], format: Format) {
        self.bytes = bytes
        self.format = format
    }

    private func mistake(_ sentence: String, at place: Int) -> TemplateMistake {
        TemplateMistake(sentence, at: place, in: bytes)
    }

    private mutating func nodes(depth: Int, isInLoop: Bool) throws(TemplateMistake) -> (nodes: [Node], end: End) {
        guard depth <= Self.depthMax else {
            throw mistake("Loops and conditions are nested deeper than \(Self.depthMax).", at: offset)
        }
        var nodes: [Node] = []
        while true {
            let start = offset
            while offset < bytes.count, !isAt("{{") { offset += 1 }
            if offset > start { nodes.append(.literal(Array(bytes[start..<offset]))) }
            guard offset < bytes.count else {
                guard depth == 0 else { throw mistake("A {{#end}} is missing.", at: offset) }
                return (nodes, .template)
            }
            let place = offset
            var words = try TemplateWords(bytes, at: offset)
            offset = words.end
            switch words.keyword {
            case "#each": nodes.append(try loop(&words, depth, isInLoop, place))
            case "#if": nodes.append(try condition(&words, depth, isInLoop, place))
            case "#end", "#else":
                guard depth > 0 else { throw mistake("There is nothing here to end.", at: place) }
                let end: End = words.keyword == "#end" ? .end : .otherwise
                words.skip()
                try words.finish()
                return (nodes, end)
            default: nodes.append(try value(&words, isInLoop, place))
            }
        }
    }

    private func isAt(_ text: StaticString) -> Bool {
        bytes[offset...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func loop(
        _ words: inout TemplateWords, _ depth: Int, _ isInLoop: Bool, _ place: Int
    ) throws(TemplateMistake) -> Node {
        words.skip()
        let shown = words.first
        let reference = try reference(&words, isInLoop, place)
        let separator = words.text() ?? ""
        try words.finish()
        let (body, end) = try nodes(depth: depth + 1, isInLoop: true)
        guard case .end = end else { throw mistake("A loop has no {{#else}}.", at: place) }
        return .each(reference, separator: Array(separator.utf8), body, shown: shown, line: line(of: place))
    }

    private mutating func condition(
        _ words: inout TemplateWords, _ depth: Int, _ isInLoop: Bool, _ place: Int
    ) throws(TemplateMistake) -> Node {
        words.skip()
        let reference = try reference(&words, isInLoop, place)
        try words.finish()
        let (yes, end) = try nodes(depth: depth + 1, isInLoop: isInLoop)
        guard case .otherwise = end else { return .condition(reference, yes: yes, no: []) }
        let (no, second) = try nodes(depth: depth + 1, isInLoop: isInLoop)
        guard case .end = second else { throw mistake("A condition has one {{#else}} at the most.", at: place) }
        return .condition(reference, yes: yes, no: no)
    }

    private func value(
        _ words: inout TemplateWords, _ isInLoop: Bool, _ place: Int
    ) throws(TemplateMistake) -> Node {
        if let literal = words.text() {
            try words.finish()
            return .literal(Array(literal.utf8))
        }
        let shown = words.first
        let reference = try reference(&words, isInLoop, place)
        var escape = format.escape
        var fallback: String?
        while words.keyword == "|" {
            words.skip()
            if words.keyword == "default" {
                words.skip()
                guard let text = words.text() else { throw mistake("A text in quotes must follow default.", at: place) }
                fallback = text
            } else {
                guard let chosen = Escape(rawValue: words.keyword) else {
                    let known = Escape.allCases.map(\.rawValue).joined(separator: ", ")
                    throw mistake("After | comes default or one of \(known).", at: place)
                }
                words.skip()
                escape = chosen
            }
        }
        try words.finish()
        return .value(reference, escape, fallback: fallback, shown: shown, line: line(of: place))
    }

    private func reference(
        _ words: inout TemplateWords, _ isInLoop: Bool, _ place: Int
    ) throws(TemplateMistake) -> Reference {
        let word = words.first
        words.skip()
        if word.utf8.first == UInt8(ascii: "/"), let pointer = JSONPointer(word) { return .payload(pointer) }
        if word.isExactly("@payload") { return .payload(JSONPointer(tokens: [])) }
        let isIndex = word.isExactly("@index")
        guard isIndex || word.utf8.first == UInt8(ascii: ".") else {
            throw mistake("A JSON Pointer such as /order/id is expected here.", at: place)
        }
        guard isInLoop else { throw mistake("\(word) has a meaning in a loop only.", at: place) }
        if isIndex { return .index }
        guard let pointer = JSONPointer(String(Substring(word.utf8.dropFirst()))) else {
            throw mistake("A JSON Pointer such as ./id is expected here.", at: place)
        }
        return .element(pointer)
    }

    private func line(of place: Int) -> Int { bytes[..<place].count { $0 == 0x0A } + 1 }
}

/// The words between `{{` and `}}`: separated by spaces, texts in double quotes with \" and \\ inside.
struct TemplateWords {
    private var words: [(text: String, isQuoted: Bool)] = []
    /// Offset of the byte after `}}`.
    private(set) var end: Int
    private let template: [UInt8]
    private let start: Int

    init(_ bytes: [UInt8], at start: Int) throws(TemplateMistake) {
        self.start = start
        template = bytes
        end = start + 2
        while true {
            while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x0A { end += 1 }
            if bytes[end...].starts(with: "}}".utf8) { break }
            guard end < bytes.count else { throw TemplateMistake("A }} is missing.", at: start, in: bytes) }
            words.append(bytes[end] == UInt8(ascii: "\"") ? try quoted(bytes) : plain(bytes))
        }
        end += 2
    }

    private mutating func plain(_ bytes: [UInt8]) -> (String, Bool) {
        let first = end
        while end < bytes.count, bytes[end] != 0x20, bytes[end] != 0x0A, !bytes[end...].starts(with: "}}".utf8) {
            end += 1
        }
        return (String(decoding: bytes[first..<end], as: UTF8.self), false)
    }

    private mutating func quoted(_ bytes: [UInt8]) throws(TemplateMistake) -> (String, Bool) {
        var content: [UInt8] = []
        var index = end + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
            content.append(bytes[index])
            index += 1
        }
        guard index < bytes.count else { throw TemplateMistake("A closing quote is missing.", at: end, in: bytes) }
        end = index + 1
        return (String(decoding: content, as: UTF8.self), true)
    }

    /// Empty after the last, and for a text in quotes.
    var first: String { words.first.map { $0.isQuoted ? "" : $0.text } ?? "" }

    /// The same if it can be a word of the language; such words are short and ASCII.
    var keyword: String { first.utf8.count <= 16 && first.utf8.allSatisfy { $0 < 0x80 } ? first : "" }

    mutating func skip() { if !words.isEmpty { words.removeFirst() } }

    /// Takes a text in quotes, if one comes next.
    mutating func text() -> String? {
        guard let word = words.first, word.isQuoted else { return nil }
        words.removeFirst()
        return word.text
    }

    func finish() throws(TemplateMistake) {
        guard words.isEmpty else {
            throw TemplateMistake("There is more between the braces than makes sense.", at: start, in: template)
        }
    }
}
