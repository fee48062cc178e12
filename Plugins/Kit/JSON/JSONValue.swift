/// A JSON value as a tree.
///
/// A number keeps the exact text it had, because 1.10, 1e400 and 12345678901234567890 do not survive a trip
/// through a double. Whoever needs a machine number asks for one and learns if it does not fit.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// Text by the grammar of RFC 8259, section 6; written out as it stands.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// A whole number.
    public init(_ integer: some BinaryInteger) {
        self = .number(String(integer))
    }

    /// Texts by their bytes, as names are, and numbers by what was written.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)), (.string(let one), .string(let other)):
            one.utf8.count == other.utf8.count && one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }

    public var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}

// What the value is, if it is of the kind asked for.
extension JSONValue {
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A number written without fraction and exponent that fits `Int`. 1.0 and 1e3 are none.
    public var integer: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// The nearest binary number; nil if it is too large for one. Not for values that are passed on.
    public var double: Double? {
        guard case .number(let text) = self, let double = Double(text), double.isFinite else { return nil }
        return double
    }

    public var boolean: Bool? {
        if case .bool(let boolean) = self { boolean } else { nil }
    }

    public var members: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    public var isNull: Bool { self == .null }
}
