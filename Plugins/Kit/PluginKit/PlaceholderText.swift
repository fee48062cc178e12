/// A text with `{placeholders}`, checked once and filled in for each request; `{{` and `}}` stand for braces.
public struct PlaceholderText<Name: RawRepresentable & CaseIterable & Sendable>: Sendable
where Name.RawValue == String {
    private enum Piece: Sendable {
        case literal([UInt8])
        case value(Name)
    }

    private var pieces: [Piece] = []
    /// The placeholders that occur.
    public private(set) var names: [Name] = []

    /// Throws which rule the text breaks: `has a { without its }`.
    public init(_ text: String) throws(Mistake) {
        var literal: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "}"):
                if rest.first == byte {
                    rest.removeFirst()
                    literal.append(byte)
                    continue
                }
                guard byte == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    throw Mistake(rule: "has a brace without its partner; two of them stand for one")
                }
                guard let name = Name(exactly: String(decoding: rest[..<end], as: UTF8.self)) else {
                    let known = Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                    throw Mistake(rule: "may hold only these placeholders: \(known)")
                }
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = []
                pieces.append(.value(name))
                names.append(name)
                rest = rest[(end + 1)...]
            default: literal.append(byte)
            }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
    }

    public struct Mistake: Error {
        /// The words that follow the text's name.
        public var rule: String
    }

    public func filled(_ value: (Name) -> [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .literal(let bytes): output.append(contentsOf: bytes)
            case .value(let name): output.append(contentsOf: value(name))
            }
        }
        return output
    }
}

extension Settings {
    /// A text with placeholders; `fallback` if the member is missing or null.
    public func placeholderText<Name>(
        _ member: String, default fallback: String
    ) throws(PluginError) -> PlaceholderText<Name> {
        let text = try text(ifPresent: member) ?? fallback
        do throws(PlaceholderText<Name>.Mistake) {
            return try PlaceholderText(text)
        } catch {
            throw .invalidSettings("\(member) \(error.rule).", at: position(of: member))
        }
    }
}
