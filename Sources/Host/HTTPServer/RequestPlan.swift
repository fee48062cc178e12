import Domain

/// What is to become of a request, decided when its headers are in.
enum RequestPlan: Sendable {
    /// Read the body, then run the route's handler. The number is the route's place in the list.
    case handle(route: Int)
    /// Read and drop the body, if it is small enough, then answer; keeps the connection usable.
    case refuse(HTTPResponse, route: Int?)
    /// Answer at once and close the connection.
    case refuseAtOnce(HTTPResponse, route: Int?)
}

/// What framing a request's headers announce.
struct BodyFraming: Equatable {
    /// Of all Content-Length fields; nil if there is none.
    var contentLength: Int?
    var isChunked = false
    /// Two lengths that differ, a length and chunks, no number, any coding but "chunked", or two hosts, or
    /// fields that are none: what proxies before us may read differently from how we do (RFC 9112, sections 3.2, 5.1,
    /// 5.2, 6.1 and 6.3).
    var isAmbiguous = false
    var expectsContinue = false

    /// isHTTP10: chunks came with 1.1, and who has kept a message for an older client may have cut it elsewhere.
    init(_ fields: HeaderFields, isHTTP10: Bool = false) {
        isAmbiguous = !fields.areWellFormed || fields.count(of: "Host") > 1
        for text in fields.values("Content-Length") {
            guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(text) else {
                isAmbiguous = true
                continue
            }
            if let known = contentLength, known != length { isAmbiguous = true }
            contentLength = length
        }
        let codings = fields.values("Transfer-Encoding")
        isChunked = !codings.isEmpty
        let isPlainlyChunked = codings.count == 1 && codings[0].isExactlyIgnoringCase("chunked")
        if isChunked, contentLength != nil || isHTTP10 || !isPlainlyChunked { isAmbiguous = true }
        expectsContinue = fields.first("Expect") != nil
    }
}
