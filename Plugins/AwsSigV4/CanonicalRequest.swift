import Encoding
import PluginKit

/// The request in the one form that sender and AWS agree on before they hash it.
struct CanonicalRequest {
    struct Rules {
        var encodesTwice: Bool
        var normalizesPath: Bool
        /// In lower case; `host` and the `x-amz-` fields that we add are signed anyway.
        var signedHeaders: Set<String>
    }

    let bytes: [UInt8]
    /// `content-type;host;x-amz-date`.
    let signedHeaders: String

    /// added: the fields that this authenticator sets itself, names in lower case.
    init(_ request: OutgoingRequest, adding added: [(String, [UInt8])], bodyHash: String, _ rules: Rules) {
        let url = URLParts(request.url)
        var values: [String: [UInt8]] = [:]
        for (name, value) in request.headers {
            let name = name.lowercased()
            guard rules.signedHeaders.contains(name), !added.contains(where: { $0.0 == name }) else { continue }
            let value = Self.trimmed(value.utf8)
            values[name] = values[name].map { $0 + [UInt8(ascii: ",")] + value } ?? value
        }
        for (name, value) in added + [("host", Array(url.host.utf8))] { values[name] = Self.trimmed(value) }
        let names = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        signedHeaders = names.joined(separator: ";")

        var bytes = Array("\(request.method)\n".utf8)
        bytes += Self.path(url.path, rules) + [0x0A]
        bytes += Self.query(url.query ?? "") + [0x0A]
        for name in names { bytes += Array("\(name):".utf8) + values[name]! + [0x0A] }
        bytes += Array("\n\(signedHeaders)\n\(bodyHash)".utf8)
        self.bytes = bytes
    }

    /// Without white space around it, and with one space for each run inside.
    private static func trimmed(_ value: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var isPending = false
        for byte in value {
            if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                isPending = !output.isEmpty
            } else {
                if isPending { output.append(0x20) }
                isPending = false
                output.append(byte)
            }
        }
        return output
    }

    static func path(_ path: String, _ rules: Rules) -> [UInt8] {
        var segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()[...]
        if rules.normalizesPath {
            let isFolder = segments.last.map { $0.isEmpty || isDots($0) } ?? true
            var kept: [Substring.UTF8View] = []
            for segment in segments where !segment.isEmpty && !segment.elementsEqual(".".utf8) {
                if segment.elementsEqual("..".utf8) { _ = kept.popLast() } else { kept.append(segment) }
            }
            if isFolder, !kept.isEmpty { kept.append("".utf8[...]) }
            segments = kept[...]
        }
        let encoded = segments.map { segment in
            // Encoding what has its escapes already is the second encoding; S3's single one starts from the plain text.
            PercentEncoding.component.encode(
                rules.encodesTwice ? Array(segment) : PercentEncoding.decode(segment))
        }
        return [UInt8(ascii: "/")] + encoded.joined(separator: [UInt8(ascii: "/")])
    }

    private static func isDots(_ segment: Substring.UTF8View) -> Bool {
        segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8)
    }

    /// Parameters, each encoded anew, by name and then by value.
    static func query(_ query: String) -> [UInt8] {
        let parameters = query.utf8.split(separator: UInt8(ascii: "&")).map { parameter in
            let mark = parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.endIndex
            return (name: encoded(parameter[..<mark]), value: encoded(parameter[mark...].dropFirst()))
        }
        let sorted = parameters.sorted { left, right in
            left.name == right.name
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        return Array(sorted.map { $0.name + [UInt8(ascii: "=")] + $0.value }.joined(separator: [UInt8(ascii: "&")]))
    }

    private static func encoded(_ part: Substring.UTF8View) -> [UInt8] {
        PercentEncoding.component.encode(PercentEncoding.decode(part))
    }
}
