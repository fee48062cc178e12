/// The parts of a request's absolute URL (RFC 3986, appendix B) as they are sent, for schemes that sign them.
public struct URLParts: Sendable, Equatable {
    /// Lower case.
    public var scheme: String
    /// What the Host field says: the host, and the port unless it is the scheme's own. As written, without user data.
    public var host: String
    /// With escapes as written; `/` if the URL has none.
    public var path: String
    /// With escapes as written and without the question mark; nil if there is none.
    public var query: String?

    public init(_ url: String) {
        var rest = url.utf8[...]
        scheme = ""
        host = ""
        query = nil
        if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[colon...].starts(with: "://".utf8) {
            scheme = String(decoding: rest[..<colon], as: UTF8.self).lowercased()
            rest = rest[rest.index(colon, offsetBy: 3)...]
            let end = rest.firstIndex { "/?".utf8.contains($0) } ?? rest.endIndex
            host = Self.host(rest[..<end], scheme)
            rest = rest[end...]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = String(decoding: rest[rest.index(after: mark)...], as: UTF8.self)
            rest = rest[..<mark]
        }
        path = rest.isEmpty ? "/" : String(decoding: rest, as: UTF8.self)
    }

    private static func host(_ authority: Substring.UTF8View, _ scheme: String) -> String {
        var host = authority
        if let at = host.lastIndex(of: UInt8(ascii: "@")) { host = host[host.index(after: at)...] }
        let ports = ["https": ":443", "http": ":80"]
        var text = String(decoding: host, as: UTF8.self)
        if text.hasSuffix(":") { text.removeLast() }
        if let port = ports[scheme], text.hasSuffix(port) { text.removeLast(port.utf8.count) }
        return text
    }
}
