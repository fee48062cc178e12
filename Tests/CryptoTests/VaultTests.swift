import Testing

@testable import Crypto

@Suite struct VaultTests {
    private let master = SecureRandom.bytes(32)

    /// Test case 16 of the GCM specification (McGrew and Viega).
    @Test func `AES-256-GCM matches the specification's example`() throws {
        let key = try #require(Hex.decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let nonce = try #require(Hex.decode("cafebabefacedbaddecaf888"))
        let associated = try #require(Hex.decode("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let plaintext = try #require(
            Hex.decode(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                    + "b16aedf5aa0de657ba637b39"))
        let box = try #require(GCM.encrypt(plaintext, key: key, nonce: nonce, associated: associated))
        #expect(
            Hex.encode(box)
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b")
        #expect(GCM.decrypt(box, key: key, nonce: nonce, associated: associated) == plaintext)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1_000, 100_000])
    func `what was sealed opens for the same identity`(size: Int) throws {
        let vault = try Vault(masterKey: master)
        let plaintext = SecureRandom.bytes(size)
        let sealed = vault.seal(plaintext, for: "tenant:1:secret")
        #expect(sealed.count == size + Vault.overhead)
        #expect(try vault.open(sealed, for: "tenant:1:secret") == plaintext)
    }

    @Test func `sealing twice gives different values`() throws {
        let vault = try Vault(masterKey: master)
        #expect(vault.seal([1, 2, 3], for: "a") != vault.seal([1, 2, 3], for: "a"))
    }

    @Test func `another identity does not open it`() throws {
        let vault = try Vault(masterKey: master)
        let sealed = vault.seal([1, 2, 3], for: "tenant:1:secret")
        #expect(throws: CryptoError.altered) { try vault.open(sealed, for: "tenant:2:secret") }
        #expect(throws: CryptoError.altered) { try vault.open(sealed, for: "") }
    }

    @Test func `no byte can be changed`() throws {
        let vault = try Vault(masterKey: master)
        let sealed = vault.seal(Array("secret".utf8), for: "a")
        for index in sealed.indices {
            var other = sealed
            other[index] ^= 0x40
            // The first byte names the key: another one is unknown, not altered.
            #expect(throws: index == 0 ? CryptoError.unknownKey : .altered) { try vault.open(other, for: "a") }
        }
    }

    @Test func `no end can be cut`() throws {
        let vault = try Vault(masterKey: master)
        let sealed = vault.seal([7], for: "a")
        for length in 0..<sealed.count {
            #expect(throws: length < Vault.overhead ? CryptoError.notSealed : .altered) {
                try vault.open(Array(sealed.prefix(length)), for: "a")
            }
        }
    }

    @Test func `a rotated master key still opens what the old one sealed`() throws {
        let old = try Vault(masterKey: master)
        let sealed = old.seal([1, 2, 3], for: "a")
        let new = SecureRandom.bytes(32)
        let rotated = try Vault(masterKey: new, older: [master])
        #expect(try rotated.open(sealed, for: "a") == [1, 2, 3])
        #expect(try Vault(masterKey: new).open(rotated.seal([4], for: "a"), for: "a") == [4])
        #expect(throws: CryptoError.self) { try Vault(masterKey: new).open(sealed, for: "a") }
    }

    @Test func `two keys with the same id are both tried`() throws {
        let first = try Vault(masterKey: master)
        let id = first.seal([], for: "a")[0]
        var other = master
        // One byte of id: a few hundred tries find a second key that shares it.
        repeat { other = SHA256.hash(other) } while try Vault(masterKey: other).seal([], for: "a")[0] != id
        let both = try Vault(masterKey: other, older: [master])
        #expect(try both.open(first.seal([9], for: "a"), for: "a") == [9])
    }

    @Test func `weak master keys are refused with a sentence`() {
        for (key, part) in [
            (repeated(0, 32), "the same"), (repeated(7, 32), "the same"), (Array(0...15), "16 bytes"), ([], "0 bytes"),
            (Array(0...32), "33 bytes"),
        ] {
            let error = #expect(throws: CryptoError.self) { try Vault(masterKey: key) }
            #expect(error?.description.contains(part) == true)
        }
    }
}
