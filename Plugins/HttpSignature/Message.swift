import Encoding
import PluginKit
import Signing

/// Digests of a body (RFC 9530, section 2), by their names there.
enum ContentDigest: String, CaseIterable {
    case sha256 = "sha-256"
    case sha512 = "sha-512"

    func field(of body: [UInt8]) -> String {
        let hash: Hash =
            switch self {
            case .sha256: .sha256
            case .sha512: .sha512
            }
        return "\(rawValue)=:\(Base64.encode(hash.digest(of: body))):"
    }
}

/// The values of a request's components (RFC 9421, sections 2.1 and 2.2).
struct Message {
    private let url: URLParts
    private let method: String
    private let headers: [(name: String, value: String)]
    private let bodySize: Int
    let contentDigest: String

    init(_ request: OutgoingRequest, digest: ContentDigest) {
        let body = request.body
        url = URLParts(request.url)
        method = request.method
        headers = request.headers
        bodySize = body.count
        contentDigest = digest.field(of: body)
    }

    /// Throws if the request does not have the component: what cannot be signed must not look signed.
    func value(of component: CoveredComponent) throws(PluginError) -> String {
        switch component {
        case .field("content-digest"): contentDigest
        // The HTTP library adds these two to what we see.
        case .field("content-length"): String(bodySize)
        case .field("host"): url.host
        case .field(let name): try field(name)
        case .derived(let derived): value(of: derived)
        case .queryParameter(let name): try queryParameter(name)
        }
    }

    private func value(of derived: CoveredComponent.Derived) -> String {
        let target = url.path + (url.query.map { "?\($0)" } ?? "")
        return switch derived {
        case .method: method
        case .targetURI: "\(url.scheme)://\(url.host)\(target)"
        case .authority: url.host.lowercased()
        case .scheme: url.scheme
        case .requestTarget: target
        case .path: url.path
        case .query: "?\(url.query ?? "")"
        }
    }

    private func field(_ name: String) throws(PluginError) -> String {
        let values = headers.filter { $0.name.lowercased() == name }.map { Self.trimmed($0.value) }
        guard !values.isEmpty else {
            throw .permanent("The request has no field \(name), which the signature is to cover.")
        }
        return values.joined(separator: ", ")
    }

    /// Without white space around it, and with one space for each line break and what is around it.
    private static func trimmed(_ value: String) -> String {
        var lines: [String] = []
        for line in value.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            var line = line.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = line.last, last == 0x20 || last == 0x09 { line.removeLast() }
            lines.append(String(decoding: line, as: UTF8.self))
        }
        return lines.joined(separator: " ")
    }

    /// The value of a parameter, decoded as a form and encoded without plus signs (section 2.2.8).
    private func queryParameter(_ name: String) throws(PluginError) -> String {
        let wanted = Self.decoded(name.utf8[...])
        var values: [[UInt8]] = []
        for parameter in (url.query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let mark = parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.endIndex
            guard Self.decoded(parameter[..<mark]) == wanted else { continue }
            values.append(Self.decoded(parameter[mark...].dropFirst()))
        }
        guard values.count == 1 else {
            throw .permanent(
                "The query must have the parameter \(name) exactly once for the signature to cover it.")
        }
        return String(decoding: PercentEncoding.form.encode(values[0]), as: UTF8.self).replacing("+", with: "%20")
    }

    private static func decoded(_ text: Substring.UTF8View) -> [UInt8] {
        PercentEncoding.decode(text.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 })
    }
}
