import Testing

@testable import Crypto

@Suite struct DigestTests {
    /// FIPS 180-4's examples, and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `SHA-256 matches the published digests`(message: String, digest: String) {
        #expect(SHA256.hexHash(message) == digest)
        #expect(Hex.encode(SHA256.hash(Array(message.utf8))) == digest)
    }

    struct HMACCase: Sendable {
        var key: [UInt8]
        var message: [UInt8]
        var code: String
    }

    /// RFC 4231, test cases 1 to 4, 6 and 7, and one with an empty key.
    static let hmacCases = [
        HMACCase(
            key: repeated(0x0b, 20), message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        HMACCase(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        HMACCase(
            key: repeated(0xaa, 20), message: repeated(0xdd, 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        HMACCase(
            key: Array(1...25), message: repeated(0xcd, 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        HMACCase(
            key: repeated(0xaa, 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        HMACCase(
            key: repeated(0xaa, 131),
            message: Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. The key needs"
                    + " to be hashed before being used by the HMAC algorithm.").utf8),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        HMACCase(key: [], message: [], code: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test(arguments: hmacCases)
    func `HMAC matches RFC 4231, however the message is cut`(example: HMACCase) {
        let keyed = HMACSHA256(key: example.key)
        #expect(Hex.encode(keyed.code(of: example.message)) == example.code)
        let middle = example.message.count / 2
        #expect(
            Hex.encode(keyed.code(of: Array(example.message[..<middle]), [], Array(example.message[middle...])))
                == example.code)
        #expect(Hex.encode(keyed.code(of: example.message.map { [$0] })) == example.code)
        #expect(Hex.encode(example.message.withUnsafeBytes { keyed.code(of: $0) }) == example.code)
    }

    struct HKDFCase: Sendable {
        var key: [UInt8]
        var salt: [UInt8]
        var info: [UInt8]
        var pseudorandomKey: String
        var output: String
    }

    /// RFC 5869, appendix A.1 to A.3.
    static let hkdfCases = [
        HKDFCase(
            key: repeated(0x0b, 22), salt: Array(0...12), info: Array(0xf0...0xf9),
            pseudorandomKey: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            output: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
        HKDFCase(
            key: Array(0x00...0x4f), salt: Array(0x60...0xaf), info: Array(0xb0...0xff),
            pseudorandomKey: "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            output: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"),
        HKDFCase(
            key: repeated(0x0b, 22), salt: [], info: [],
            pseudorandomKey: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            output: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    ]

    @Test(arguments: hkdfCases)
    func `HKDF matches RFC 5869`(example: HKDFCase) {
        let pseudorandomKey = HKDF.extract(example.key, salt: example.salt)
        #expect(Hex.encode(pseudorandomKey) == example.pseudorandomKey)
        let output = HKDF.expand(pseudorandomKey, info: example.info, count: example.output.utf8.count / 2)
        #expect(Hex.encode(output) == example.output)
    }

    @Test func `keys for different purposes have nothing in common`() {
        let master = SecureRandom.bytes(32)
        let one = HKDF.derive(from: master, purpose: "one")
        #expect(one.count == 32)
        #expect(one == HKDF.derive(from: master, purpose: "one"))
        #expect(one != HKDF.derive(from: master, purpose: "two"))
        #expect(one != HKDF.derive(from: master, salt: [1], purpose: "one"))
    }
}

func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
