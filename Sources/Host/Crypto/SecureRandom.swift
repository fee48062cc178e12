import COpenSSL

/// Chance from OpenSSL's generator, fit for keys. From any thread: each has a generator of its own.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableRawBufferPointer(buffer.extracting(0..<count)))
            filled = count
        }
    }

    /// All 64 bits random.
    package static func number() -> UInt64 {
        var number: UInt64 = 0
        withUnsafeMutableBytes(of: &number) { fill($0) }
        return number
    }

    /// Going on without chance would hand out guessable secrets, so a generator that fails ends the process.
    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard !buffer.isEmpty else { return }
        let code = RAND_bytes(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(buffer.count))
        precondition(code == 1, "no random bytes: \(lastOpenSSLError())")
    }
}
