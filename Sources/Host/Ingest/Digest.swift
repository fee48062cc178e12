import Crypto

/// SHA-256 of a secret, as a key that is cheap to hash and compare.
struct Digest: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    init(of secret: String) { self.init(SHA256.hash(Array(secret.utf8))) }

    /// sha256: 32 bytes.
    init(_ sha256: [UInt8]) {
        words = sha256.withUnsafeBytes { bytes in
            func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
            return (word(0), word(1), word(2), word(3))
        }
    }

    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    static func == (one: Self, other: Self) -> Bool { one.words == other.words }

    /// A quarter of a cryptographic hash is as good as the whole for a table.
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
