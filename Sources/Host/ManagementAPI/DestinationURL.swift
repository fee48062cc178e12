/// What a destination's URL has to look like before anything is sent there: absolute, a scheme that is allowed, a host,
/// and no address that the host would refuse to connect to.
struct DestinationURL {
    static let lengthMax = 8_192

    let allowsHTTP: Bool
    /// The end of a sentence that begins with the field's name.
    let problem: @Sendable (String) -> String?

    func check(_ url: String) throws(Refusal) {
        if url.allSatisfy(\.isWhitespace) { throw .invalid("url must not be blank") }
        if url.utf16.count > Self.lengthMax {
            throw .invalid("url must not be longer than \(Self.lengthMax) characters")
        }
        if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw .invalid("url must not contain spaces or control characters")
        }
        guard let schemeEnd = url.firstRange(of: "://") else { throw .invalid("url must be an absolute URL") }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "https" || allowsHTTP && scheme == "http" else {
            throw .invalid("url must have the scheme https\(allowsHTTP ? " or http" : "")")
        }
        let authority = url[schemeEnd.upperBound...].prefix { !"/?#\\".contains($0) }
        guard hasHost(authority) else { throw .invalid("url must name a host and a valid port") }
        if let reason = problem(url) { throw .invalid("url \(reason)") }
    }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`, after whatever precedes the last `@`.
    private func hasHost(_ authority: Substring) -> Bool {
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let host: Substring
        let rest: Substring
        if place.hasPrefix("[") {
            guard let close = place.firstIndex(of: "]") else { return false }
            host = place[place.index(after: place.startIndex)..<close]
            rest = place[place.index(after: close)...]
        } else {
            host = place.prefix { $0 != ":" }
            rest = place[host.endIndex...]
        }
        guard !host.isEmpty else { return false }
        if rest.isEmpty { return true }
        guard rest.hasPrefix(":") else { return false }
        let port = rest.dropFirst()
        return port.isEmpty || port.utf8.allSatisfy { (48...57).contains($0) } && (1...65_535).contains(Int(port) ?? 0)
    }
}
