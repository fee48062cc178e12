import Crypto
import HTTPServer

/// The page at `/docs`: one answer that holds its style and its script and draws what `/openapi.json` says.
enum ReferencePage {
    /// The browser runs and applies what the two digests name, and nothing else, wherever it comes from
    /// (Content Security Policy Level 3, section 2.3.1); it talks to this server alone.
    static let response = HTTPResponse(
        status: 200,
        headers: [
            ("Content-Type", "text/html; charset=utf-8"),
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src '\(digest(of: script))'; style-src '\(digest(of: style))'; "
                    + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
        ],
        body: page)

    private static let style = PackageResources.page_css
    private static let script =
        PackageResources.elements_js + PackageResources.schemas_js + PackageResources.samples_js
        + PackageResources.page_js

    private static var page: [UInt8] {
        let frame = String(decoding: PackageResources.page_html, as: UTF8.self)
        return Array(
            frame.replacing("/*style*/", with: String(decoding: style, as: UTF8.self), maxReplacements: 1)
                .replacing("/*script*/", with: String(decoding: script, as: UTF8.self), maxReplacements: 1).utf8)
    }

    /// As the policy writes it: `sha256-` and the digest in Base64.
    private static func digest(of text: [UInt8]) -> String { "sha256-" + Base64.encode(SHA256.hash(text)) }
}
