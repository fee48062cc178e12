import COpenSSL

/// Whether the numbers of an RSA private key are as large as its modulus lets them be. OpenSSL asks of none but the
/// modulus, and a signature takes as long as the largest of the others wants.
enum RSANumbers {
    private static let modulusBits = 2_048...8_192
    /// Without its primes (or what is computed from them) a key takes several times as long to sign.
    private static let modulusBitsMaxWithoutPrimes = 4_096
    private static let publicExponentBitsMax = 64

    /// Looks at sizes alone, which takes next to no time whatever the numbers.
    static func fit(_ key: OpaquePointer) -> Bool {
        let bits = Int(EVP_PKEY_get_bits(key))
        guard modulusBits.contains(bits),
            let publicExponent = size(of: OSSL_PKEY_PARAM_RSA_E, key), publicExponent <= publicExponentBitsMax,
            let privateExponent = size(of: OSSL_PKEY_PARAM_RSA_D, key), privateExponent <= bits
        else { return false }
        // The numbered names of core_names.h are composed macros, which Swift does not import. A key with more than two
        // primes is nobody's.
        guard size(of: "rsa-factor3", key) == nil else { return false }
        // Primes need not be of one size: those of a key in RFC 9421 have 1,088 and 960 bits.
        let partBitsMax = bits / 8 * 5
        let parts = ["rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2", "rsa-coefficient1"]
            .map { size(of: $0, key) }
        guard parts.allSatisfy({ $0 ?? 0 <= partBitsMax }) else { return false }
        return bits <= modulusBitsMaxWithoutPrimes || !parts.contains(nil)
    }

    /// Bits of a number of the key; nil if it has no such number.
    private static func size(of name: String, _ key: OpaquePointer) -> Int? {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1, let number else { return nil }
        defer { BN_clear_free(number) }
        return Int(BN_num_bits(number))
    }
}
