import PluginKit
import Signing

/// A token (RFC 7519) that is made and signed for each delivery, so that the receiver can check who sent what and when
/// without asking anybody.
struct SignedJwt: Authenticator {
    static let name = "SignedJwt"
    static let version = "1.0.0"
    static let summary = "Signs a JSON Web Token for each delivery, with claims of your choice and from the event."

    private let host: HostServices
    private let signer: TokenSigner
    /// The token's own header: algorithm, type, key id.
    private let header: [UInt8]
    private let claims: Claims
    private let headerName: String
    private let prefix: String

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        signer = try TokenSigner(in: settings, try settings.choice("algorithm", default: TokenAlgorithm.hs256))
        var header: JSONObject = [
            "alg": .string(signer.algorithm.rawValue), "typ": .string(try settings.text(ifPresent: "type") ?? "JWT"),
        ]
        if let keyID = try settings.text(ifPresent: "keyId") { header.members.append(("kid", .string(keyID))) }
        self.header = JSONValue.object(header).serialized()
        claims = try Claims(settings)
        headerName = try settings.headerName("header", default: "Authorization")
        try settings.checkLine(ifPresent: "prefix")
        prefix = try settings.text(ifPresent: "prefix") ?? "Bearer "
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials {
        let payload = try claims.payload(body: request.body, call, host: host)
        return .header(headerName, try signer.token(header: header, payload: payload, prefix: prefix))
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(SignedJwt.self))
}
