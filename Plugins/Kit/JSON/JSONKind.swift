/// The six kinds of JSON value (RFC 8259, section 3); `true` and `false` count as one.
public enum JSONKind: Sendable, Equatable {
    case object, array, string, number, bool, null
}

/// The kind of the one value that a whole text consists of.
public typealias JSONRootKind = JSONKind
