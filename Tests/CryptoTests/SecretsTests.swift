import Testing

@testable import Crypto

@Suite struct SecretsTests {
    @Test func `random bytes come in the asked number and do not repeat`() {
        for count in [0, 1, 31, 32, 1_000] { #expect(SecureRandom.bytes(count).count == count) }
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(Set((0..<1_000).map { _ in SecureRandom.number() }).count == 1_000)
    }

    @Test func `comparison sees length and every byte`() {
        let bytes = SecureRandom.bytes(32)
        #expect(constantTimeEqual(bytes, bytes))
        #expect(constantTimeEqual([], []))
        #expect(!constantTimeEqual(bytes, bytes + [0]))
        #expect(!constantTimeEqual([], [0]))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(!constantTimeEqual(bytes, other))
        }
    }

    @Test func `tokens have the shape of the contract`() throws {
        let token = Tokens.make(prefix: "dst_")
        #expect(token.utf8.count == 68)
        #expect(token.wholeMatch(of: /dst_[0-9a-f]{64}/) != nil)
        #expect(token != Tokens.make(prefix: "dst_"))
        let secret = Tokens.webhookSecret()
        #expect(secret.hasPrefix("whsec_"))
        #expect(try #require(Base64.decode(String(secret.dropFirst(6)))).count == 32)
    }

    /// The contract's vectors, and two computed with Python's hmac module.
    @Test(arguments: [
        ("whsec_demo", #"{"a":1}"#, "463d1dc50479e63514044af7a08df0df078c4fbc929bf5a0261d011aa1a80193"),
        ("whsec_demo", #"{"city":"São Paulo"}"#, "3c787f7608c6f7bf52437f93c9a91ff7885a4553dfb3d59932cea0f4d976ab97"),
    ])
    func `the original signature takes the whole secret as its key`(secret: String, body: String, code: String) {
        #expect(WebhookSignature.original(over: Array(body.utf8), secret: secret) == "sha256=" + code)
    }

    @Test(arguments: [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", Int64(1_614_265_330),
            #"{"test": 2432232314}"#, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        ),
        (
            "plain text", "evt", Int64(1_700_000_000), #"{"a":1}"#,
            "v1,naEIt6GJnjZFjbJpxKxTjkShHJH/PRdhgi1JfDkzT2U="
        ),
    ])
    func `the standard signature covers id, time and body`(
        secret: String, id: String, time: Int64, body: String, signature: String
    ) {
        #expect(
            WebhookSignature.standard(id: id, timestamp: time, over: Array(body.utf8), secret: secret) == signature)
    }

    @Test(arguments: ["whsec_demo!", "whsec_", "abc", "WHSEC_AAAA"])
    func `a secret that is not whsec_ and Base64 is its own key`(secret: String) {
        #expect(WebhookSignature.standardKey(of: secret) == Array(secret.utf8))
    }

    @Test func `a kept signer signs as a fresh one does`() {
        let signer = WebhookSigner(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        for round in 0..<3 {
            let body = SecureRandom.bytes(100 * round)
            #expect(
                signer.original(over: body)
                    == WebhookSignature.original(over: body, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            #expect(
                signer.standard(id: "e", timestamp: 7, over: body)
                    == WebhookSignature.standard(
                        id: "e", timestamp: 7, over: body, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        }
    }
}
