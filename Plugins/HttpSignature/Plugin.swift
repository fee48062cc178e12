import Encoding
import PluginKit
import Signing

/// HTTP Message Signatures (RFC 9421) over the parts of the request that the settings name, the body among them by its
/// digest (RFC 9530).
struct HttpSignature: Authenticator {
    static let name = "HttpSignature"
    static let version = "1.0.0"
    static let summary = "Signs the parts of the request that you name with HTTP Message Signatures (RFC 9421)."

    private let host: HostServices
    private let signer: Signer
    private let components: [CoveredComponent]
    private let digest: ContentDigest
    private let parameters: SignatureParameters
    /// The signature's name in both fields.
    private let label: String

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        let algorithm = try settings.choice("algorithm", default: MessageAlgorithm.ed25519)
        signer = try Signer(in: settings, algorithm.scheme)
        components = try CoveredComponent.list(in: settings)
        digest = try settings.choice("contentDigest", default: ContentDigest.sha256)
        parameters = try SignatureParameters(settings, algorithm: algorithm)
        label = try settings.text(ifPresent: "label") ?? "sig1"
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials {
        let message = Message(request, digest: digest)
        let covered = components.map(\.identifier).joined(separator: " ")
        let input = try parameters.text(covering: covered, host: host)
        var base = ""
        for component in components { base += "\(component.identifier): \(try message.value(of: component))\n" }
        base += "\"@signature-params\": \(input)"
        let signature = Base64.encode(try signer.signature(of: Array(base.utf8)))
        var fields = [
            (name: "Signature-Input", value: Secret(text: "\(label)=\(input)")),
            (name: "Signature", value: Secret(text: "\(label)=:\(signature):")),
        ]
        if components.contains(.field("content-digest")) {
            fields.append(("Content-Digest", Secret(text: message.contentDigest)))
        }
        return .headers(fields)
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(HttpSignature.self))
}
