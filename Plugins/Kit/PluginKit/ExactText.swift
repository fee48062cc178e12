// How texts from outside are compared: byte by byte in UTF-8. Swift's own `==`, hash values and `hasPrefix` go by
// Unicode equivalence, which takes a Kelvin sign for a K, and costs the square of a run of combining marks.

extension StringProtocol {
    /// The same bytes.
    public func isExactly(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

extension RawRepresentable where Self: CaseIterable, RawValue == String {
    /// The case whose raw value has exactly these bytes.
    public init?(exactly text: some StringProtocol) {
        guard let found = Self.allCases.first(where: { text.isExactly($0.rawValue) }) else { return nil }
        self = found
    }
}
