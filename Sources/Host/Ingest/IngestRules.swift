import Domain
import HTTPServer

// The contract's rules for what an ingest request may say (1.13), as pure functions. "Control characters" are
// exactly CR, LF and NUL there, and lengths count UTF-16 code units.

enum IngestRules {
    static let tokenLengthMax = 512
    static let idempotencyKeyLengthMax = 255
    static let contentTypeLengthMax = 255
    static let defaultContentType = "application/json; charset=utf-8"

    static func hasControlCharacters(_ text: String) -> Bool {
        text.utf8.contains { $0 == 0 || $0 == 10 || $0 == 13 }
    }

    /// Nil if the token may be looked up, else the sentence for the client.
    static func complaint(aboutToken token: String) -> String? {
        if token.utf8.count > tokenLengthMax, token.utf16.count > tokenLengthMax {
            return "The ingest token must not be longer than \(tokenLengthMax) characters."
        }
        return hasControlCharacters(token) ? "The ingest token must not contain control characters." : nil
    }

    /// The prefix selects what the token belongs to, by exact case.
    static func complaint(aboutPrefixOf token: String) -> String? {
        token.beginsExactly(with: "dst_") || token.beginsExactly(with: "sndr_")
            ? nil : "The ingest token must begin with dst_ or sndr_."
    }

    /// name: what the request calls it.
    static func complaint(aboutIdempotencyKey key: String, named name: String = "X-Idempotency-Key") -> String? {
        if key.utf8.count > idempotencyKeyLengthMax, key.utf16.count > idempotencyKeyLengthMax {
            return "\(name) must not be longer than \(idempotencyKeyLengthMax) characters."
        }
        if hasControlCharacters(key) { return "\(name) must not contain control characters." }
        // What replaces bytes that are no UTF-8: two such keys would look the same to us.
        return key.unicodeScalars.contains("\u{FFFD}") ? "\(name) must be UTF-8." : nil
    }

    /// The type to deliver the payload with. Nil: the client says that its body is not JSON.
    static func contentType(_ header: String?) -> String? {
        guard let header else { return defaultContentType }
        let type = header.pieces(at: ";", most: 1)[0].withoutSpacesAround().lowercased()
        if type.isEmpty { return defaultContentType }
        guard
            type.isExactly("application/json") || type.isExactly("text/json")
                || type.beginsExactly(with: "application/") && type.endsExactly(with: "+json")
        else { return nil }
        // It becomes a header of ours: anything odd in its parameters is not passed on.
        let isPlain = header.utf8.count <= contentTypeLengthMax && header.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return isPlain ? header : defaultContentType
    }

    /// Empty if there is none that can be passed on.
    static func traceparent(of request: HTTPRequest) -> String {
        request.header("traceparent").flatMap { isTraceparent($0) ? $0 : nil } ?? ""
    }

    /// W3C Trace Context, section 3.2: version 00, a trace id and a parent id that are not all zeros, and flags.
    static func isTraceparent(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 55, bytes[0] == 48, bytes[1] == 48, bytes[2] == 45, bytes[35] == 45, bytes[52] == 45 else {
            return false
        }
        func isHex(_ range: Range<Int>) -> Bool {
            bytes[range].allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        func isZero(_ range: Range<Int>) -> Bool { bytes[range].allSatisfy { $0 == 48 } }
        return isHex(3..<35) && !isZero(3..<35) && isHex(36..<52) && !isZero(36..<52) && isHex(53..<55)
    }
}
