import PluginKit

/// A token endpoint's answer (RFC 6749, section 5.1).
struct TokenResponse {
    let token: Secret
    /// How long the token is to be used from now on, in milliseconds.
    let usableMilliseconds: Int64

    /// Throws a sentence for the tenant if this is no token; the sentence holds nothing of the answer but an error code
    /// that the standard defines.
    init(status: Int, body: Span<UInt8>) throws(PluginError) {
        let members = try? Settings(parsing: body)
        guard (200...299).contains(status) else {
            let code = Self.errorCode(in: members).map { " and the error \($0)" } ?? ""
            throw .retryable("The token endpoint answered with status \(status)\(code).")
        }
        guard let members else {
            throw .retryable("The token endpoint answered with something that is no JSON object.")
        }
        guard let token = try? members.secret("access_token"), token.count > 0 else {
            throw .retryable("The token endpoint's answer has no access_token.")
        }
        guard Self.fitsHeader(token) else {
            throw .retryable("The token endpoint's access_token has characters that a header cannot hold.")
        }
        self.token = token
        usableMilliseconds = Self.usableMilliseconds(expiresIn: Self.expiresIn(members))
    }

    /// Five minutes if the answer does not say; some servers write the number as a text.
    private static func expiresIn(_ members: Settings) -> Double {
        if let number = try? members.number("expires_in") { return number }
        if let text = try? members.text("expires_in"), let number = Double(text), number.isFinite { return number }
        return 300
    }

    /// Less a margin of a tenth, or a minute if that is less, so that a token does not expire on its way. At least five
    /// seconds, because the attempt that fetched it has to be able to use it; at most 30 days.
    static func usableMilliseconds(expiresIn seconds: Double) -> Int64 {
        let usable = seconds - min(60, seconds / 10)
        return Int64((min(max(usable, 5), 2_592_000) * 1000).rounded())
    }

    /// `1*VSCHAR` (RFC 6749, appendix A.12).
    private static func fitsHeader(_ token: Secret) -> Bool {
        token.withBytes { bytes in bytes.allSatisfy { (0x20...0x7E).contains($0) } }
    }

    /// The codes of RFC 6749, section 5.2. Any other text might repeat what was sent.
    private static let errorCodes = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
        "invalid_scope",
    ]

    private static func errorCode(in members: Settings?) -> String? {
        guard let code = try? members?.text("error") else { return nil }
        return errorCodes.first { code.isExactly($0) }
    }
}
