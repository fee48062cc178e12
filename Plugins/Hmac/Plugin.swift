import Encoding
import PluginKit
import Signing

/// A keyed code (HMAC, RFC 2104) over the body, in the header and the form that the receiver expects.
struct Hmac: Authenticator {
    static let name = "Hmac"
    static let version = "1.0.0"
    static let summary = "Signs the body with a shared secret in the style of GitHub, Stripe, Slack or Shopify."

    private let key: HMACKey
    private let encoding: CodeEncoding
    private let headerName: String
    private let content: PlaceholderText<SignedPart>
    private let format: PlaceholderText<HeaderPart>
    private let timestampUnit: TimestampUnit
    private let timestampHeader: String?
    private let eventIDHeader: String?
    private let host: HostServices

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        let style = try settings.choice("preset", default: Preset.plain).style
        let hash = try settings.choice("algorithm", default: SharedKeyHash.sha256).hash
        key = HMACKey(try KeyEncoding.key(in: settings), hash)
        encoding = try settings.choice("encoding", default: style.encoding)
        headerName = try settings.headerName("header", default: style.header)
        content = try settings.placeholderText("content", default: style.content)
        format = try settings.placeholderText("format", default: style.format)
        timestampUnit = try settings.choice("timestampUnit", default: TimestampUnit.seconds)
        timestampHeader = try Self.header("timestampHeader", default: style.timestampHeader, in: settings)
        eventIDHeader = try Self.header("eventIdHeader", default: nil, in: settings)
        try checkNames(settings)
    }

    private static func header(
        _ member: String, default fallback: String?, in settings: Settings
    ) throws(PluginError) -> String? {
        guard try settings.text(ifPresent: member) ?? fallback != nil else { return nil }
        return try settings.headerName(member, default: fallback)
    }

    /// A header that is set twice would fail each request, and one that shows no signature would prove nothing.
    private func checkNames(_ settings: Settings) throws(PluginError) {
        guard format.names.contains(.signature) else {
            throw .invalidSettings("format must hold {signature}.", at: settings.position(of: "format"))
        }
        // Each is a copy of the body.
        guard content.names.count(where: { $0 == .body }) <= 1 else {
            throw .invalidSettings("content must not hold {body} twice.", at: settings.position(of: "content"))
        }
        var seen: Set<String> = []
        let names = [("header", headerName), ("timestampHeader", timestampHeader), ("eventIdHeader", eventIDHeader)]
        for (member, name) in names {
            guard let name, !seen.insert(name.lowercased()).inserted else { continue }
            throw .invalidSettings(
                "\(member) must not be \(name), which is used already.", at: settings.position(of: member))
        }
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials {
        let timestamp = Array(String(host.wallMilliseconds / timestampUnit.milliseconds).utf8)
        let signed = content.filled { part in
            switch part {
            case .body: request.body
            case .timestamp: timestamp
            case .eventID: Array(call.eventID.utf8)
            case .method: Array(request.method.utf8)
            case .url: Array(request.url.utf8)
            }
        }
        let signature = encoding.encode(key.code(of: signed))
        let value = format.filled { part in
            switch part {
            case .signature: Array(signature.utf8)
            case .timestamp: timestamp
            case .eventID: Array(call.eventID.utf8)
            }
        }
        var fields = [(name: headerName, value: Secret(value.span))]
        if let timestampHeader { fields.append((timestampHeader, Secret(timestamp.span))) }
        if let eventIDHeader { fields.append((eventIDHeader, Secret(text: call.eventID))) }
        return .headers(fields)
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(Hmac.self))
}
