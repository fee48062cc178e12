import CCurl
import Domain
import Glibc
import HTTPSender

@testable import ManagementAPI

extension FuzzTarget {
    /// Where requests go.
    static let places = [
        // What the API takes for a harmless host is none of the forbidden addresses to libcurl and the resolver.
        FuzzTarget(name: "url") { input in
            guard (try? rule.check(input.text)) != nil, let host = hostAsCalled(input.text),
                let address = addressAsCalled(host)
            else { return }
            law(policy.verdict(for: address) == .allowed, "\(input.text) would go to \(address)")
        }
    ]

    private static let policy = AddressPolicy()
    private static let rule = DestinationURL(allowsHTTP: true) { host in
        guard case .blocked(let reason) = policy.verdict(forLiteralHost: host) else { return nil }
        return "names \(reason)"
    }

    /// The host that libcurl finds in a URL; nil if it refuses it.
    private static func hostAsCalled(_ url: String) -> String? {
        let handle = curl_url()
        defer { curl_url_cleanup(handle) }
        var host: UnsafeMutablePointer<CChar>?
        // As the handle of a transfer reads its URL.
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, url, flags) == CURLUE_OK,
            curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK, let host
        else { return nil }
        defer { curl_free(host) }
        let text = String(cString: host)
        return text.hasPrefix("[") ? String(text.dropFirst().dropLast()) : text
    }

    /// What the resolver makes of a host that is an address in whatever form.
    private static func addressAsCalled(_ host: String) -> IPAddress? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        getnameinfo(
            found.pointee.ai_addr, found.pointee.ai_addrlen, &text, UInt32(text.count), nil, 0, NI_NUMERICHOST)
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return IPAddress(address.prefix { $0 != "%" })
    }
}
