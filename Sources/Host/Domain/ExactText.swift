/// How texts from outside are compared and cut: byte by byte in UTF-8.
///
/// Swift's own `==`, hash values, `hasPrefix` and everything that compares `Character`s go by Unicode equivalence. That
/// takes a Kelvin sign for a K, which nobody else does, and it sorts each run of combining marks by insertion: a
/// mebibyte of them costs minutes, be the other side a short constant.
extension StringProtocol {
    /// The same bytes.
    @inlinable
    package func isExactly(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// The same bytes but for the case of ASCII letters.
    @inlinable
    package func isExactlyIgnoringCase(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8, by: isSameIgnoringCase)
    }

    @inlinable
    package func beginsExactly(with start: some StringProtocol) -> Bool { utf8.starts(with: start.utf8) }

    @inlinable
    package func endsExactly(with end: some StringProtocol) -> Bool {
        utf8.count >= end.utf8.count && utf8.suffix(end.utf8.count).elementsEqual(end.utf8)
    }

    /// The pieces between the separators, empty ones included. separator: an ASCII character.
    ///
    /// most: how many cuts are made at most; the last piece is the whole rest.
    @inlinable
    package func pieces(at separator: Unicode.Scalar, most: Int = .max) -> [Substring] {
        Substring(self).utf8
            .split(separator: UInt8(ascii: separator), maxSplits: most, omittingEmptySubsequences: false)
            .map { Substring($0) }
    }

    /// Without spaces and tabs at either end (RFC 9110, section 5.6.3).
    @inlinable
    package func withoutSpacesAround() -> Substring {
        let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let rest = Substring(self).utf8.drop(while: isSpace)
        let end = rest.lastIndex { !isSpace($0) }.map { rest.index(after: $0) } ?? rest.startIndex
        return Substring(rest[..<end])
    }
}

/// Of two bytes of text: the same, or the two cases of an ASCII letter.
@inlinable
package func isSameIgnoringCase(_ one: UInt8, _ other: UInt8) -> Bool {
    one == other || (one | 0x20 == other | 0x20 && (97...122).contains(one | 0x20))
}
