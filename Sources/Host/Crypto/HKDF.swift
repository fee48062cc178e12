/// Keys from a key (RFC 5869) with SHA-256: one master key gives each purpose a key of its own.
package enum HKDF {
    /// purpose: the RFC's `info`; keys for different purposes tell nothing about each other.
    /// count: at most 8,160 bytes.
    package static func derive(from key: [UInt8], salt: [UInt8] = [], purpose: String, count: Int = 32) -> [UInt8] {
        expand(extract(key, salt: salt), info: Array(purpose.utf8), count: count)
    }

    static func extract(_ key: [UInt8], salt: [UInt8]) -> [UInt8] { HMACSHA256(key: salt).code(of: key) }

    static func expand(_ pseudorandomKey: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        precondition((0...255 * HMACSHA256.size).contains(count))
        let keyed = HMACSHA256(key: pseudorandomKey)
        var output: [UInt8] = []
        var block: [UInt8] = []
        var number: UInt8 = 0
        while output.count < count {
            number += 1
            block = keyed.code(of: block, info, [number])
            output += block
        }
        return Array(output.prefix(count))
    }
}
