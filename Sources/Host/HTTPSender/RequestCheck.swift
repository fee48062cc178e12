import Domain
import Ports

/// What is wrong with a request before anything is sent: nil or the failure to answer with.
///
/// The URL, names and values come from tenants and plugins, and libcurl writes header lines as it gets them, so
/// nothing that could start another line gets past here.
func refusal(of request: CourierRequest, allowHTTP: Bool) -> CourierResult.Answer? {
    let url = request.url.utf8
    guard request.url.allBytes({ $0 > 32 && $0 != 127 }) else {
        return .failure(.internal, "The URL contains a space or a control character.")
    }
    if hasScheme("http://", url) {
        guard allowHTTP else {
            return .failure(
                .addressBlocked,
                "\(authority(of: request.url)) was not called: plain HTTP is not allowed here, only HTTPS.")
        }
    } else if !hasScheme("https://", url) {
        return .failure(.internal, "The URL's scheme is neither https nor http.")
    }
    guard (1...32).contains(request.method.utf8.count), request.method.allBytes(isTokenByte) else {
        return .failure(.internal, "The method is not an HTTP token.")
    }
    for field in request.headers {
        guard !field.name.isEmpty, field.name.allBytes(isTokenByte) else {
            return .failure(.internal, "A header's name is not an HTTP token.")
        }
        guard field.value.allBytes({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
            return .failure(
                .internal, "The value of header \(field.name) contains a line break or a control character.")
        }
    }
    return nil
}

/// Host and port of a URL, for sentences; without user and password.
func authority(of url: String) -> String {
    let afterScheme = url.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1).last ?? url.utf8[...]
    let part = afterScheme.drop { $0 == UInt8(ascii: "/") }.prefix { byte in
        byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
    }
    let start = part.lastIndex(of: UInt8(ascii: "@")).map { part.index(after: $0) } ?? part.startIndex
    return String(part[start...]) ?? "the host"
}

private func hasScheme(_ scheme: StaticString, _ url: String.UTF8View) -> Bool {
    scheme.withUTF8Buffer { wanted in
        url.count > wanted.count && zip(url, wanted).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}

/// RFC 9110, section 5.6.2.
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

extension String {
    /// Over the bytes in one piece where they are: every request passes here.
    fileprivate func allBytes(_ rule: (UInt8) -> Bool) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.allSatisfy(rule) } ?? utf8.allSatisfy(rule)
    }
}
