import Domain
import HTTPServer

/// Who is on the other side, for limits by address.
struct ClientAddress {
    /// Headers are believed from these peers alone: anyone else can write what he likes into them. A proxy on the
    /// list has to overwrite what its clients send.
    let trustedProxies: [AddressRange]

    /// The peer's address; behind a trusted proxy what `CF-Connecting-IP` says, or else the last entry of
    /// `X-Forwarded-For` that is no trusted proxy itself: each hop adds the one it saw, and the client may have made
    /// up what stands further in front.
    func of(_ request: HTTPRequest) -> String {
        guard let peer = IPAddress(request.remoteAddress)?.unwrapped,
            trustedProxies.contains(where: { $0.contains(peer) })
        else { return request.remoteAddress }
        if let claim = request.header("CF-Connecting-IP")?.withoutSpacesAround(), IPAddress(claim) != nil {
            return String(claim)
        }
        let hops = request.headers.filter { $0.name.isExactlyIgnoringCase("X-Forwarded-For") }
            .flatMap { $0.value.pieces(at: ",") }
        for hop in hops.reversed() {
            let claim = hop.withoutSpacesAround()
            guard let address = IPAddress(claim)?.unwrapped else { break }
            if !trustedProxies.contains(where: { $0.contains(address) }) { return String(claim) }
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
