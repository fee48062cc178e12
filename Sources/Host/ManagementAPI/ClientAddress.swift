import Domain
import HTTPServer

/// Who is on the other side, for limits by address.
struct ClientAddress {
    /// Headers are believed from these peers alone: anyone else can write what he likes into them. A proxy on the
    /// list has to overwrite what its clients send.
    let trustedProxies: [AddressRange]

    /// The peer's address; behind a trusted proxy what `CF-Connecting-IP` or the first entry of `X-Forwarded-For`
    /// says, if that is an address.
    func of(_ request: HTTPRequest) -> String {
        guard let peer = IPAddress(request.remoteAddress)?.unwrapped,
            trustedProxies.contains(where: { $0.contains(peer) })
        else { return request.remoteAddress }
        let forwarded = request.header("X-Forwarded-For")?.prefix { $0 != "," }
        for claim in [request.header("CF-Connecting-IP"), forwarded.map { String($0) }] {
            if let claim, case let address = trimmed(claim), IPAddress(address) != nil { return address }
        }
        return request.remoteAddress
    }

    /// What a limit counts by: the whole IPv4 address, but the first 64 bits of an IPv6 one, because whoever has
    /// one address of such a network has them all.
    func limitKey(_ request: HTTPRequest) -> String {
        let address = of(request)
        switch IPAddress(address)?.unwrapped {
        case .v6(let high, _): return "\(IPAddress.v6(high: high, low: 0))/64"
        case .some(let v4): return "\(v4)"
        case nil: return address
        }
    }
}
