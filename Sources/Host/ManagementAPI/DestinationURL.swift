import Domain

/// What a destination's URL has to look like before anything is sent there: absolute, a scheme that is allowed, a host,
/// and no address that the host would refuse to connect to.
struct DestinationURL {
    static let lengthMax = 8_192

    let allowsHTTP: Bool
    /// The end of a sentence that begins with the field's name.
    let hostProblem: @Sendable (String) -> String?

    /// field: what the sentences call it.
    func check(_ url: String, field: String = "url") throws(Refusal) {
        if url.allSatisfy(\.isWhitespace) { throw .invalid("\(field) must not be blank") }
        if url.utf16.count > Self.lengthMax {
            throw .invalid("\(field) must not be longer than \(Self.lengthMax) characters")
        }
        if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw .invalid("\(field) must not contain spaces or control characters")
        }
        // Scalar by scalar, as libcurl reads it: a slash with a combining mark behind it is another Character.
        let scalars = url.unicodeScalars
        guard let schemeEnd = scalars.firstRange(of: "://".unicodeScalars) else {
            throw .invalid("\(field) must be an absolute URL")
        }
        let scheme = url[..<schemeEnd.lowerBound]
        guard scheme.isExactlyIgnoringCase("https") || allowsHTTP && scheme.isExactlyIgnoringCase("http") else {
            throw .invalid("\(field) must have the scheme https\(allowsHTTP ? " or http" : "")")
        }
        let authority = scalars[schemeEnd.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // Browsers end the authority there, libcurl does not.
        if authority.contains("\\") { throw .invalid("\(field) must not have a backslash in front of its path") }
        guard let host = host(of: authority) else { throw .invalid("\(field) must name a host and a valid port") }
        // Whoever calls it would resolve what the escapes stand for. In an IPv6 address the sign begins the zone.
        let isIPv6 = host.unicodeScalars.contains(":")
        if !isIPv6, host.unicodeScalars.contains("%") {
            throw .invalid("\(field) must not escape its host with %")
        }
        if let reason = hostProblem(host) { throw .invalid("\(field) \(reason)") }
    }

    /// The host in `host`, `host:port`, `[v6]` or `[v6]:port`, after whatever precedes the last `@`; nil if there is
    /// none or the port is no port.
    private func host(of authority: Substring.UnicodeScalarView) -> String? {
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let host: Substring.UnicodeScalarView
        let rest: Substring.UnicodeScalarView
        if place.first == "[" {
            guard let close = place.firstIndex(of: "]") else { return nil }
            host = place[place.index(after: place.startIndex)..<close]
            rest = place[place.index(after: close)...]
        } else {
            host = place.prefix { $0 != ":" }
            rest = place[host.endIndex...]
        }
        guard !host.isEmpty else { return nil }
        guard !rest.isEmpty else { return String(host) }
        let port = rest.dropFirst()
        guard rest.first == ":", port.allSatisfy({ ("0"..."9").contains($0) }),
            port.isEmpty || (1...65_535).contains(Int(String(port)) ?? 0)
        else { return nil }
        return String(host)
    }
}
