import COpenSSL

/// Password hashes by scrypt (RFC 7914), with their parameters in the text, so that the cost can be raised later:
/// `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`, salt and hash in Base64 without padding.
///
/// Each hash takes memory and a core for tens of milliseconds, so only a few run at a time; further callers block.
/// From any thread, but not from one that must not wait.
package struct PasswordHasher: Sendable {
    private let cost: ScryptCost
    private let permits: Permits

    /// concurrency: hashes that run at a time; with the default cost each takes 32 MiB.
    package init(cost: ScryptCost = .interactive, concurrency: Int = 2) {
        self.cost = cost
        permits = Permits(concurrency)
    }

    /// With a fresh salt of 16 bytes.
    package func hash(_ password: String) -> String {
        let salt = SecureRandom.bytes(16)
        guard let key = derive(password, salt, cost, 32) else {
            preconditionFailure("scrypt failed: \(lastOpenSSLError())")
        }
        return "$scrypt$\(cost.text)$\(Base64.encodeUnpadded(salt))$\(Base64.encodeUnpadded(key))"
    }

    /// False also for a text that is no such hash, or one whose cost is beyond `ScryptCost.bounds`.
    package func verify(_ password: String, against hash: String) -> Bool {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = ScryptCost(text: parts[2]),
            let salt = Base64.decodeUnpadded(parts[3]), let expected = Base64.decodeUnpadded(parts[4]),
            (16...64).contains(expected.count), let key = derive(password, salt, cost, expected.count)
        else { return false }
        return constantTimeEqual(key, expected)
    }

    /// Costs as much as `verify`: for a login whose user does not exist, so that the time tells nothing.
    package func wasteTime(_ password: String) {
        _ = derive(password, [UInt8](repeating: 0, count: 16), cost, 32)
    }

    private func derive(_ password: String, _ salt: [UInt8], _ cost: ScryptCost, _ count: Int) -> [UInt8]? {
        permits.take()
        defer { permits.giveBack() }
        return scrypt(Array(password.utf8), salt: salt, cost: cost, count: count)
    }
}

/// The raw function. Nil only if OpenSSL refuses the parameters or has no memory.
func scrypt(_ password: [UInt8], salt: [UInt8], cost: ScryptCost, count: Int) -> [UInt8]? {
    var key = [UInt8](repeating: 0, count: count)
    let code = password.withUnsafeBytes { password in
        // An absent password would make OpenSSL only check the parameters, so an empty one points at a zero.
        var zero: CChar = 0
        return withUnsafePointer(to: &zero) { zero in
            EVP_PBE_scrypt(
                password.isEmpty ? zero : password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count,
                salt, salt.count, 1 << UInt64(cost.log2N), UInt64(cost.blockSize), UInt64(cost.parallelism),
                UInt64(cost.memoryBytes), &key, count)
        }
    }
    guard code == 1 else {
        ERR_clear_error()
        return nil
    }
    return key
}
