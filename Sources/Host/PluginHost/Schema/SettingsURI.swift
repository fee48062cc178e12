/// The two `format`s of settings: `uri` (RFC 3986, absolute) and `https-uri` (the same, with https and a host).
enum SettingsURI {
    static func isURI(_ text: String) -> Bool { scheme(of: text) != nil }

    /// allowsHTTP: plain http passes as well.
    static func isWeb(_ text: String, allowsHTTP: Bool) -> Bool {
        guard let scheme = scheme(of: text), ["https", allowsHTTP ? "http" : "https"].contains(scheme.lowercased())
        else { return false }
        let rest = text.utf8.dropFirst(scheme.utf8.count + 1)
        guard rest.starts(with: "//".utf8) else { return false }
        let authority = rest.dropFirst(2).prefix { !"/?#".utf8.contains($0) }
        let host = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? authority
        return !host.isEmpty && host.first != UInt8(ascii: ":")
    }

    /// The scheme of an absolute URI whose characters are all ones that a URI may hold.
    private static func scheme(of text: String) -> String? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = text.utf8[..<colon]
        guard let first = scheme.first, isLetter(first),
            scheme.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }),
            text.utf8.index(after: colon) < text.utf8.endIndex, text.utf8.allSatisfy(isAllowed)
        else { return nil }
        return String(text[..<colon])
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Unreserved, reserved and the percent sign (RFC 3986, section 2).
    private static func isAllowed(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
    }
}
