import Encoding
import PluginKit

/// What a signature says about itself (RFC 9421, section 2.3).
struct SignatureParameters {
    private let keyID: String?
    private let tag: String?
    private let algorithm: String?
    private let lifetimeSeconds: Int64?
    private let hasNonce: Bool

    init(_ settings: Settings, algorithm: MessageAlgorithm) throws(PluginError) {
        keyID = try settings.text(ifPresent: "keyId")
        tag = try settings.text(ifPresent: "tag")
        self.algorithm = try settings.flag("algorithmParameter", default: false) ? algorithm.rawValue : nil
        let lifetime = try settings.wholeNumber("expiresSeconds", default: 0)
        lifetimeSeconds = lifetime > 0 ? lifetime : nil
        hasNonce = try settings.flag("nonce", default: false)
    }

    /// covered: the identifiers of the components, with spaces between them.
    func text(covering covered: String, host: HostServices) throws(PluginError) -> String {
        let created = host.wallMilliseconds / 1_000
        var text = "(\(covered));created=\(created)"
        if let lifetimeSeconds { text += ";expires=\(created + lifetimeSeconds)" }
        if let keyID { text += ";keyid=\(structuredText(keyID))" }
        if let algorithm { text += ";alg=\(structuredText(algorithm))" }
        if hasNonce { text += ";nonce=\(structuredText(Base64.urlEncode(try host.randomBytes(18))))" }
        if let tag { text += ";tag=\(structuredText(tag))" }
        return text
    }
}
