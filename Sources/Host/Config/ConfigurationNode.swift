/// A JSON5 document (json5.org, version 1.0.0) as a tree that remembers its lines, so that every complaint can
/// name one.
struct ConfigurationNode {
    indirect enum Content {
        case null
        case flag(Bool)
        case number(Double)
        case text(String)
        case list([ConfigurationNode])
        /// In the document's order; names are unique.
        case object([(name: String, node: ConfigurationNode)])
    }

    var content: Content
    /// From 1.
    var line: Int

    init(content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    init(json5 bytes: [UInt8]) throws(JSON5Error) {
        var reader = JSON5Reader(bytes)
        self = try reader.document()
    }

    var settingValue: SettingValue {
        switch content {
        case .null: return .other("null")
        case .flag(let flag): return .flag(flag)
        case .number(let number): return Int(exactly: number).map(SettingValue.integer) ?? .other("\(number)")
        case .text(let text): return .text(text)
        case .object: return .other("an object")
        case .list(let nodes):
            let texts = nodes.compactMap { node -> String? in
                guard case .text(let text) = node.content else { return nil }
                return text
            }
            return texts.count == nodes.count ? .list(texts) : .other("a list with something else than strings in it")
        }
    }
}

struct JSON5Error: Error, Equatable {
    /// From 1.
    var line: Int
    /// The end of a sentence, without the full stop.
    var reason: String
}
