import Encoding
import JSON
import PluginKit
import Signing
import Testing

@Suite("Private keys that would take long to sign with are refused, and at once")
struct KeyLimitsTests {
    private func signer(_ algorithm: TokenAlgorithm, _ key: String) throws -> TokenSigner {
        let settings = #"{"privateKey":\#(JSONValue.string(key).serializedText())}"#
        return try TokenSigner(in: Settings(parsing: Array(settings.utf8).span), algorithm)
    }

    private func signature(_ signer: TokenSigner) throws -> String {
        let token = try signer.token(header: Array(#"{"alg":"RS256"}"#.utf8), payload: Array(TokenVectors.payload.utf8))
        return String(token.withBytes { String(decoding: $0, as: UTF8.self) }.split(separator: ".")[2])
    }

    /// The numbers of RFC 7515's key, with others in their place.
    private func numbers(_ changes: [String: [UInt8]?]) throws -> [String: [UInt8]] {
        let members = try #require(try JSONValue(parsing: Array(TokenVectors.rsaKey.utf8)).members)
        var numbers: [String: [UInt8]] = [:]
        for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
            numbers[name] = Base64.urlDecode(try #require(members[name]?.text))
        }
        for (name, number) in changes { numbers[name] = number }
        return numbers
    }

    private func webKey(_ changes: [String: [UInt8]?]) throws -> String {
        let members = try numbers(changes).map { "\"\($0.key)\":\"\(Base64.urlEncode($0.value))\"" }
        return "{\"kty\":\"RSA\",\(members.joined(separator: ","))}"
    }

    /// PKCS #1 (RFC 8017, appendix A.1.2).
    private func pem(_ changes: [String: [UInt8]]) throws -> String {
        let numbers = try numbers(changes.mapValues { $0 })
        let integers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].flatMap { DER.integer(numbers[$0]!) }
        return DER.pem("RSA PRIVATE KEY", DER.sequence(DER.integer([0]), integers))
    }

    private static func odd(bytes: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: bytes) }

    @Test(
        "A number of an RSA key that is larger than its modulus lets it be",
        arguments: [
            ("e", 9), ("e", 200), ("d", 257), ("d", 2_560), ("p", 161), ("p", 1_024), ("q", 1_024), ("dp", 1_024),
            ("dq", 1_024), ("qi", 1_024), ("dp", 5_600),
        ])
    func oversizedNumbers(name: String, bytes: Int) throws {
        for key in [try webKey([name: Self.odd(bytes: bytes)]), try pem([name: Self.odd(bytes: bytes)])] {
            let failure = try #require(throws: PluginError.self) { try signer(.rs256, key) }
            #expect(failure.sentence.hasPrefix("privateKey must be an RSA key of 2,048 to 8,192 bits"))
        }
    }

    @Test("An RSA key without its primes, which signs more slowly, may have 4,096 bits")
    func missingPrimes() throws {
        let primes: [String: [UInt8]?] = ["p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil]
        #expect(try signature(signer(.rs256, webKey(primes))) == TokenVectors.rsaSignature)
        func key(bits: Int) throws -> String {
            try webKey(primes.merging(["n": Self.odd(bytes: bits / 8), "d": Self.odd(bytes: bits / 8)]) { $1 })
        }
        #expect(throws: Never.self) { try signer(.rs256, key(bits: 4_096)) }
        #expect(throws: PluginError.self) { try signer(.rs256, key(bits: 4_104)) }
        #expect(throws: PluginError.self) { try signer(.rs256, key(bits: 8_192)) }
    }

    @Test("Above 4,096 bits the primes must be of use: OpenSSL signs a second time, without them, if they are not")
    func largeKeys() throws {
        let key = LargeKey.numbers()
        #expect(throws: Never.self) { try signer(.rs256, webKey(key.mapValues { $0 })) }
        for name in ["n", "p", "q", "dp", "dq", "qi"] {
            var torn = key
            torn[name]![torn[name]!.count / 2] ^= 1
            let text = try webKey(torn.mapValues { $0 })
            #expect(throws: PluginError.self, "\(name)") { try signer(.rs256, text) }
        }
    }

    @Test("PEM as PKCS #1, and as SEC 1 after the block that openssl ecparam writes before it")
    func pemForms() throws {
        #expect(try signature(signer(.rs256, pem([:]))) == TokenVectors.rsaSignature)
        #expect(throws: Never.self) { try signer(.es256, TokenVectors.ecKeyWithParameters) }
        #expect(throws: PluginError.self) { try signer(.es384, TokenVectors.ecKeyWithParameters) }
        #expect(throws: PluginError.self) { try signer(.rs256, TokenVectors.ecKeyWithParameters) }
        #expect(throws: PluginError.self) { try signer(.es256, pem([:])) }
    }

    @Test("A key of a kind that no algorithm takes is not taken apart: OpenSSL would compute a DSA key's public half")
    func otherKinds() throws {
        let large = Self.odd(bytes: 3_500)
        let parameters = DER.sequence(
            DER.integer(large), DER.integer(Self.odd(bytes: 32)), DER.integer(large.dropLast() + [5]))
        let dsa = DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01])
        let key = DER.pem(
            "PRIVATE KEY",
            DER.sequence(DER.integer([0]), DER.sequence(dsa, parameters), DER.octets(DER.integer(large))))
        let start = ContinuousClock.now
        for algorithm in [TokenAlgorithm.rs256, .ps256, .es256, .edDSA] {
            #expect(throws: PluginError.self) { try signer(algorithm, key) }
        }
        // It takes some milliseconds, and would take a quarter of a minute each time.
        #expect(.now - start < .seconds(5))
    }
}
