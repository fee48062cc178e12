import COpenSSL

/// An RSA key of 7,168 bits from two primes that everybody knows (RFC 3526, sections 4 and 5), so that nobody has to
/// look for any.
enum LargeKey {
    /// By their names in a JSON Web Key.
    static func numbers() -> [String: [UInt8]] {
        let context = BN_CTX_new()
        defer { BN_CTX_free(context) }
        let p = BN_get_rfc3526_prime_4096(nil)
        let q = BN_get_rfc3526_prime_3072(nil)
        let e = BN_new()
        BN_set_word(e, 65_537)
        let (n, order) = (BN_new(), BN_new())
        BN_mul(n, p, q, context)
        let (pMinus1, qMinus1) = (BN_dup(p), BN_dup(q))
        BN_sub_word(pMinus1, 1)
        BN_sub_word(qMinus1, 1)
        BN_mul(order, pMinus1, qMinus1, context)
        let numbers = [
            "n": n, "e": e, "p": p, "q": q, "d": BN_mod_inverse(nil, e, order, context),
            "dp": BN_mod_inverse(nil, e, pMinus1, context), "dq": BN_mod_inverse(nil, e, qMinus1, context),
            "qi": BN_mod_inverse(nil, q, p, context),
        ]
        defer { for number in [order, pMinus1, qMinus1] + numbers.values { BN_clear_free(number) } }
        return numbers.mapValues { number in
            let count = (Int(BN_num_bits(number)) + 7) / 8
            return [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
                filled = Int(BN_bn2bin(number, bytes.baseAddress))
            }
        }
    }
}
