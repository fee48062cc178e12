import Encoding
import PluginKit
import Signing
import Testing

@Suite("Tokens match the examples of the standards")
struct TokenSignerTests {
    private func parts(_ algorithm: TokenAlgorithm, _ settings: String, header: String, payload: String) throws
        -> [String]
    {
        let settings = try Settings(parsing: Array(settings.utf8).span)
        let token = try TokenSigner(in: settings, algorithm)
            .token(header: Array(header.utf8), payload: Array(payload.utf8))
        return token.withBytes { String(decoding: $0, as: UTF8.self) }.split(separator: ".").map(String.init)
    }

    private func settings(key: String) -> String {
        #"{"privateKey":"\#(key.replacing("\"", with: "\\\""))"}"#
    }

    @Test("HS256 (RFC 7515, appendix A.1)")
    func sharedKey() throws {
        let parts = try parts(
            .hs256, #"{"secret":"\#(TokenVectors.sharedKey)","keyEncoding":"base64url"}"#,
            header: TokenVectors.sharedKeyHeader, payload: TokenVectors.payload)
        #expect(parts[0] == "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9")
        #expect(parts[2] == TokenVectors.sharedKeySignature)
    }

    @Test("RS256 (RFC 7515, appendix A.2)")
    func rsa() throws {
        let parts = try parts(
            .rs256, settings(key: TokenVectors.rsaKey), header: #"{"alg":"RS256"}"#, payload: TokenVectors.payload)
        #expect(parts[2] == TokenVectors.rsaSignature)
    }

    @Test("ES256 (RFC 7515, appendix A.3): chance is in each signature, so it is verified")
    func ecdsa() throws {
        let parts = try parts(
            .es256, settings(key: TokenVectors.ecKey), header: #"{"alg":"ES256"}"#, payload: TokenVectors.payload)
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        #expect(signed == Array("eyJhbGciOiJFUzI1NiJ9.\(Base64.urlEncode(Array(TokenVectors.payload.utf8)))".utf8))
        let key = try PublicKey(
            x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        // The signature printed in the standard shows that the check is one.
        #expect(key.accepts(try #require(Base64.urlDecode(TokenVectors.ecSignature)), of: signed))
        #expect(key.accepts(try #require(Base64.urlDecode(parts[2])), of: signed))
        #expect(!key.accepts(try #require(Base64.urlDecode(parts[2])), of: signed + [0]))
    }

    @Test("EdDSA (RFC 8037, appendix A.4)")
    func edwards() throws {
        let parts = try parts(
            .edDSA, settings(key: TokenVectors.edKey), header: #"{"alg":"EdDSA"}"#, payload: TokenVectors.edPayload)
        #expect(parts[1] == "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
        #expect(parts[2] == TokenVectors.edSignature)
    }

    @Test(
        "A key that does not fit is refused in a sentence that quotes nothing of it",
        arguments: [
            (.hs256, #"{"secret":"s3cr3t"}"#, "secret must have at least 32 bytes for this algorithm."),
            (.edDSA, #"{"privateKey":"s3cr3t"}"#, "neither an Ed25519 key in PEM"),
            (.edDSA, #"{"privateKey":"{\"kty\":\"s3cr3t\"}"}"#, "is not the private key"),
            (.edDSA, #"{"privateKey":"{s3cr3t"}"#, "is not the private key"),
            (.es256, #"{"privateKey":"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"AAAA\"}"}"#, "is not the private"),
            (.edDSA, "{}", "privateKey is missing."),
        ] as [(TokenAlgorithm, String, String)])
    func refuses(algorithm: TokenAlgorithm, settings: String, words: String) throws {
        let failure = try #require(throws: PluginError.self) {
            try TokenSigner(in: try Settings(parsing: Array(settings.utf8).span), algorithm)
        }
        #expect(failure.sentence.contains(words))
        #expect(!failure.sentence.contains("s3cr3t"))
    }

    @Test("A key of another kind, or halves of two keys, are refused")
    func refusesOtherKeys() throws {
        func make(_ algorithm: TokenAlgorithm, _ key: String) throws {
            _ = try TokenSigner(in: try Settings(parsing: Array(settings(key: key).utf8).span), algorithm)
        }
        #expect(throws: PluginError.self) { try make(.rs256, TokenVectors.ecKey) }
        #expect(throws: PluginError.self) { try make(.es256, TokenVectors.rsaKey) }
        #expect(throws: PluginError.self) { try make(.es384, TokenVectors.ecKey) }
        #expect(throws: PluginError.self) { try make(.es256, TokenVectors.edKey) }
        let torn = TokenVectors.ecKey.replacing("jpsQnnGQmL", with: "kpsQnnGQmL")
        #expect(throws: PluginError.self) { try make(.es256, torn) }
        try make(.ps256, TokenVectors.rsaKey)
    }
}
