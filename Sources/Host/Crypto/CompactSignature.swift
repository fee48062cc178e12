import Domain

/// JSON Web Signature in its compact form (RFC 7515), HMAC-SHA-256 only: `header.payload.code`, each in Base64url.
struct CompactSignature: Sendable {
    private let key: [UInt8]

    init(key: [UInt8]) { self.key = key }

    func sign(header: [UInt8], payload: [UInt8]) -> String {
        let signed = "\(Base64.urlEncode(header)).\(Base64.urlEncode(payload))"
        return "\(signed).\(Base64.urlEncode(HMACSHA256(key: key).code(of: Array(signed.utf8))))"
    }

    /// Header and payload, if the code fits. What the header says about the algorithm is not asked here: the code is
    /// always HMAC-SHA-256, so a token cannot choose a weaker check (RFC 8725, section 3.1).
    func open(_ token: String) -> (header: [UInt8], payload: [UInt8])? {
        let parts = token.pieces(at: ".", most: 3)
        guard parts.count == 3, let code = Base64.urlDecode(String(parts[2])) else { return nil }
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        guard constantTimeEqual(HMACSHA256(key: key).code(of: signed), code),
            let header = Base64.urlDecode(String(parts[0])), let payload = Base64.urlDecode(String(parts[1]))
        else { return nil }
        return (header, payload)
    }
}
