import Ports

/// What arrives of one answer, within bounds. A pure value, fed line by line and block by block.
struct ResponseCollector {
    /// Bytes of status lines and headers, interim answers (1xx) included.
    static let headerBytesMost = 32 << 10
    /// Header fields of one answer.
    static let fieldsMost = 200
    /// Of a Retry-After: a date takes 29, and a number of seconds is no longer.
    static let retryAfterBytesMost = 64

    private(set) var fields: [HeaderField] = []
    private(set) var body: [UInt8] = []
    /// The body was longer than the limit; the rest was not read.
    private(set) var isTruncated = false
    /// The headers were more than the bounds allow.
    private(set) var hasTooManyHeaders = false

    /// The first value of `Retry-After` that is no longer than a value of it may be.
    private(set) var retryAfter: String?

    private let bodyKept: Int
    private let bodyLimit: Int
    private let keepsFields: Bool
    private var headerBytes = 0
    private var fieldCount = 0
    private var bodyBytes = 0

    /// kept: bytes of the body to keep; limit: bytes of it to read. keepsFields: whether `fields` is filled.
    init(kept: Int = 0, limit: Int = 0, keepsFields: Bool = true) {
        bodyKept = min(kept, limit)
        bodyLimit = limit
        self.keepsFields = keepsFields
    }

    /// One line as libcurl hands it out: a status line, a field or the empty line at the end, with its line break.
    /// False: enough, end the transfer.
    mutating func takeHeaderLine(_ line: some Collection<UInt8>) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.headerBytesMost, fieldCount < Self.fieldsMost else {
            hasTooManyHeaders = true
            return false
        }
        // Fields behind the body are trailers, which nobody asked for.
        guard bodyBytes == 0 else { return true }
        if line.starts(with: "HTTP/".utf8) {
            // Whatever came before belongs to an interim answer.
            fields = []
            fieldCount = 0
            retryAfter = nil
            return true
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        fieldCount += 1
        let isRetryAfter = retryAfter == nil && isName(line[..<colon], "retry-after")
        guard keepsFields || isRetryAfter else { return true }
        let name = trimmed(line[..<colon])
        guard !name.isEmpty else { return true }
        let value = trimmed(line[line.index(after: colon)...])
        if isRetryAfter, value.utf8.count <= Self.retryAfterBytesMost { retryAfter = value }
        if keepsFields { fields.append(HeaderField(name, value)) }
        return true
    }

    private func isName(_ bytes: some Collection<UInt8>, _ lowerCase: StaticString) -> Bool {
        bytes.count == lowerCase.utf8CodeUnitCount
            && lowerCase.withUTF8Buffer { zip(bytes, $0).allSatisfy { $0 | 0x20 == $1 | 0x20 } }
    }

    /// False: enough, end the transfer.
    mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = bodyKept - body.count
        if room > 0 { body.append(contentsOf: bytes.prefix(room)) }
        bodyBytes += bytes.count
        if bodyBytes > bodyLimit { isTruncated = true }
        return !isTruncated
    }

    private func trimmed(_ bytes: some Sequence<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 10 }
        let front = Array(bytes.drop(while: isSpace))
        let end = (front.lastIndex { !isSpace($0) } ?? -1) + 1
        return String(decoding: front[..<end], as: UTF8.self)
    }
}
