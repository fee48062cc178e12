import Glibc
import HTTPServer

/// A range of IP addresses: `10.0.0.0/8`, `::1`, `2001:db8::/32`. An IPv4 address and its IPv6-mapped form are one.
package struct AddressRange: Sendable, Equatable {
    private let prefix: [UInt8]
    private let bits: Int

    /// Nil when the text is neither an address nor an address, a slash and a number of bits.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = addressBytes(parts[0]) else { return nil }
        let width = parts[0].contains(":") ? 128 : 32
        var length = width
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
            length = given
        }
        prefix = address
        bits = 128 - width + length
    }

    package func contains(_ address: some StringProtocol) -> Bool {
        guard let bytes = addressBytes(address) else { return false }
        for index in 0..<16 {
            let relevant = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> relevant)
            if (bytes[index] ^ prefix[index]) & mask != 0 { return false }
        }
        return true
    }
}

/// Who is on the other side, for limits by address.
struct ClientAddress {
    /// Headers are believed from these peers alone: anyone else can write what he likes into them. A proxy on the
    /// list has to overwrite what its clients send.
    let trustedProxies: [AddressRange]

    /// The peer's address; behind a trusted proxy what `CF-Connecting-IP` or the first entry of `X-Forwarded-For`
    /// says, if that is an address.
    func of(_ request: HTTPRequest) -> String {
        guard trustedProxies.contains(where: { $0.contains(request.remoteAddress) }) else {
            return request.remoteAddress
        }
        let forwarded = request.header("X-Forwarded-For")?.prefix { $0 != "," }
        for claim in [request.header("CF-Connecting-IP"), forwarded.map { String($0) }] {
            if let claim, case let address = trimmed(claim), addressBytes(address) != nil { return address }
        }
        return request.remoteAddress
    }

    /// What a limit counts by: the whole IPv4 address, but the first 64 bits of an IPv6 one, because whoever has
    /// one address of such a network has them all.
    func limitKey(_ request: HTTPRequest) -> String {
        let address = of(request)
        guard let bytes = addressBytes(address) else { return address }
        if bytes.starts(with: mappedPrefix) { return bytes[12...].map { String($0) }.joined(separator: ".") }
        return bytes[..<8].map { String($0, radix: 16) }.joined(separator: ".") + "/64"
    }
}

private let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

/// 16 bytes, IPv4 in its mapped form; nil when the text is no address.
private func addressBytes(_ text: some StringProtocol) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let text = String(text)
    if inet_pton(AF_INET6, text, &bytes) == 1 { return bytes }
    guard inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
    return mappedPrefix + bytes[..<4]
}
