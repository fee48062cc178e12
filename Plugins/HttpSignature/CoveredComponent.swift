import PluginKit

/// One part of the request that a signature covers (RFC 9421, section 2).
enum CoveredComponent: Equatable {
    /// A header field, its name in lower case.
    case field(String)
    /// A part of the request line or the URL, such as `@method`.
    case derived(Derived)
    /// One parameter of the query, its name encoded.
    case queryParameter(String)

    enum Derived: String, CaseIterable {
        case method = "@method"
        case targetURI = "@target-uri"
        case authority = "@authority"
        case scheme = "@scheme"
        case requestTarget = "@request-target"
        case path = "@path"
        case query = "@query"
    }

    /// As the signature names it: `"@query-param";name="Pet"`.
    var identifier: String {
        switch self {
        case .field(let name): "\"\(name)\""
        case .derived(let derived): "\"\(derived.rawValue)\""
        case .queryParameter(let name): "\"@query-param\";name=\(structuredText(name))"
        }
    }

    /// Nil if the text is none: `content-type`, `@method`, `@query-param;name="Pet"`.
    init?(_ text: String) {
        let prefix = "@query-param;name=\""
        if let derived = Derived(exactly: text) {
            self = .derived(derived)
        } else if text.utf8.starts(with: prefix.utf8), text.utf8.count > prefix.utf8.count,
            text.utf8.last == UInt8(ascii: "\"")
        {
            let name = text.utf8.dropFirst(prefix.utf8.count).dropLast()
            guard !name.contains(UInt8(ascii: "\"")), !name.contains(UInt8(ascii: "\\")) else { return nil }
            self = .queryParameter(String(Substring(name)))
        } else {
            guard !text.isEmpty, text.utf8.allSatisfy(Self.isInFieldName) else { return nil }
            self = .field(text)
        }
    }

    private static func isInFieldName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    static func list(in settings: Settings) throws(PluginError) -> [CoveredComponent] {
        let usual = ["@method", "@target-uri", "content-type", "content-digest"]
        var components: [CoveredComponent] = []
        for (index, text) in try settings.texts("components", default: usual).enumerated() {
            guard let component = CoveredComponent(text) else {
                throw .invalidSettings(
                    "components[\(index)] is neither a field's name in lower case nor one of "
                        + Derived.allCases.map(\.rawValue).joined(separator: ", ") + ", @query-param;name=\"...\".",
                    at: settings.position(of: "components"))
            }
            guard !components.contains(component) else {
                throw .invalidSettings(
                    "components[\(index)] is there already.", at: settings.position(of: "components"))
            }
            components.append(component)
        }
        return components
    }
}

/// A String of Structured Fields (RFC 9651, section 3.3.3) for text in printable ASCII.
func structuredText(_ text: String) -> String {
    "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
}
