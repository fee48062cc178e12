import COpenSSL

/// Whether the numbers of an RSA private key are as large as its modulus lets them be, and belong together where that
/// matters. OpenSSL asks of none but the modulus, and a signature takes as long as the largest of the others wants.
final class RSANumbers {
    private static let modulusBits = 2_048...8_192
    /// Without its primes (or what is computed from them) a key takes several times as long to sign.
    private static let modulusBitsMaxWithoutPrimes = 4_096
    private static let publicExponentBitsMax = 64

    static func fit(_ key: OpaquePointer) -> Bool {
        let bits = Int(EVP_PKEY_get_bits(key))
        guard modulusBits.contains(bits) else { return false }
        let numbers = RSANumbers(key)
        return numbers.areSmallEnough(for: bits)
            && (bits <= modulusBitsMaxWithoutPrimes || numbers.signByPrimes())
    }

    // Owned; nil if the key has no such number.
    private let modulus, publicExponent, privateExponent, thirdPrime: OpaquePointer?
    private let primes: [OpaquePointer?]
    private let exponents: [OpaquePointer?]
    private let coefficient: OpaquePointer?

    private init(_ key: OpaquePointer) {
        func number(_ name: String) -> OpaquePointer? {
            var number: OpaquePointer?
            return EVP_PKEY_get_bn_param(key, name, &number) == 1 ? number : nil
        }
        modulus = number(OSSL_PKEY_PARAM_RSA_N)
        publicExponent = number(OSSL_PKEY_PARAM_RSA_E)
        privateExponent = number(OSSL_PKEY_PARAM_RSA_D)
        // The numbered names of core_names.h are composed macros, which Swift does not import.
        primes = ["rsa-factor1", "rsa-factor2"].map(number)
        exponents = ["rsa-exponent1", "rsa-exponent2"].map(number)
        coefficient = number("rsa-coefficient1")
        thirdPrime = number("rsa-factor3")
    }

    deinit {
        let all = [modulus, publicExponent, privateExponent, thirdPrime, coefficient] + primes + exponents
        for number in all { BN_clear_free(number) }
    }

    /// Takes next to no time, whatever the numbers.
    private func areSmallEnough(for bits: Int) -> Bool {
        guard let publicExponent, Int(BN_num_bits(publicExponent)) <= Self.publicExponentBitsMax,
            let privateExponent, Int(BN_num_bits(privateExponent)) <= bits,
            // A key with more than two primes is nobody's.
            thirdPrime == nil
        else { return false }
        // Primes need not be of one size: those of a key in RFC 9421 have 1,088 and 960 bits.
        return (primes + exponents + [coefficient]).allSatisfy { $0.map { BN_num_bits($0) } ?? 0 <= bits / 8 * 5 }
    }

    /// Whether a signature made from the primes is one. If not, OpenSSL makes it once more without them. Takes as long
    /// as a signature.
    private func signByPrimes() -> Bool {
        guard let context = BN_CTX_new(), let product = BN_new() else { return false }
        defer {
            BN_CTX_free(context)
            BN_clear_free(product)
        }
        guard let first = primes[0], let second = primes[1], let modulus, let coefficient,
            BN_mul(product, first, second, context) == 1, BN_cmp(product, modulus) == 0,
            BN_mod_mul(product, coefficient, second, first, context) == 1, BN_is_one(product) == 1
        else { return false }
        return zip(primes, exponents).allSatisfy { prime, exponent in
            guard let prime, let exponent else { return false }
            return undoes(exponent, modulo: prime, context)
        }
    }

    /// Whether the public exponent takes back what the private one did to a number picked by chance.
    private func undoes(_ exponent: OpaquePointer, modulo prime: OpaquePointer, _ context: OpaquePointer) -> Bool {
        guard BN_is_odd(prime) == 1, let number = BN_new(), let power = BN_new() else { return false }
        defer {
            BN_clear_free(number)
            BN_clear_free(power)
        }
        BN_set_flags(exponent, BN_FLG_CONSTTIME)
        return BN_priv_rand_range(number, prime) == 1
            && BN_mod_exp(power, number, exponent, prime, context) == 1
            && BN_mod_exp(power, power, publicExponent, prime, context) == 1
            && BN_cmp(power, number) == 0
    }
}
