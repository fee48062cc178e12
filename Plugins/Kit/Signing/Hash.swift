import COpenSSL

/// A hash of FIPS 180-4. SHA-1 is here for receivers that know no other HMAC.
public enum Hash: String, Sendable, CaseIterable {
    case sha1, sha256, sha384, sha512

    /// Bytes of a digest.
    public var size: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    public func digest(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { digest, count in
            let code = bytes.withUnsafeBufferPointer {
                EVP_Digest($0.baseAddress, $0.count, digest.baseAddress, nil, algorithm, nil)
            }
            precondition(code == 1, "\(rawValue) failed")
            count = size
        }
    }

    /// OpenSSL's name for it.
    var name: String { rawValue.uppercased() }

    /// Fetched once; a fetched algorithm is immutable and may be shared between threads.
    var algorithm: OpaquePointer? {
        switch self {
        case .sha1: Self.fetchedSHA1
        case .sha256: Self.fetchedSHA256
        case .sha384: Self.fetchedSHA384
        case .sha512: Self.fetchedSHA512
        }
    }

    nonisolated(unsafe) private static let fetchedSHA1 = fetch(.sha1)
    nonisolated(unsafe) private static let fetchedSHA256 = fetch(.sha256)
    nonisolated(unsafe) private static let fetchedSHA384 = fetch(.sha384)
    nonisolated(unsafe) private static let fetchedSHA512 = fetch(.sha512)

    private static func fetch(_ hash: Hash) -> OpaquePointer? {
        CryptoLibrary.start
        return EVP_MD_fetch(nil, hash.name, nil)
    }
}
