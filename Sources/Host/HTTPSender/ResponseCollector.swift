import Ports

/// What arrives of one answer, within bounds. A pure value, fed line by line and block by block.
struct ResponseCollector {
    /// Bytes of status lines and headers, interim answers (1xx) included.
    static let headerBytesMost = 32 << 10
    /// Header fields of one answer.
    static let fieldsMost = 200

    private(set) var fields: [HeaderField] = []
    private(set) var body: [UInt8] = []
    /// The body was longer than the limit; the rest was not read.
    private(set) var isTruncated = false
    /// The headers were more than the bounds allow.
    private(set) var hasTooManyHeaders = false

    private let bodyKept: Int
    private let bodyLimit: Int
    private var headerBytes = 0
    private var bodyBytes = 0

    /// kept: bytes of the body to keep; limit: bytes of it to read.
    init(kept: Int, limit: Int) {
        bodyKept = min(kept, limit)
        bodyLimit = limit
    }

    /// One line as libcurl hands it out: a status line, a field or the empty line at the end, with its line break.
    /// False: enough, end the transfer.
    mutating func takeHeaderLine(_ line: some Collection<UInt8>) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.headerBytesMost, fields.count < Self.fieldsMost else {
            hasTooManyHeaders = true
            return false
        }
        // Fields behind the body are trailers, which nobody asked for.
        guard bodyBytes == 0 else { return true }
        if line.starts(with: "HTTP/".utf8) {
            // Whatever came before belongs to an interim answer.
            fields = []
            return true
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = trimmed(line[..<colon])
        guard !name.isEmpty else { return true }
        fields.append(HeaderField(name, trimmed(line[line.index(after: colon)...])))
        return true
    }

    /// False: enough, end the transfer.
    mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = bodyKept - body.count
        if room > 0 { body.append(contentsOf: bytes.prefix(room)) }
        bodyBytes += bytes.count
        if bodyBytes > bodyLimit { isTruncated = true }
        return !isTruncated
    }

    var retryAfter: String? {
        fields.first { $0.name.utf8.count == 11 && $0.name.lowercased() == "retry-after" }?.value
    }

    private func trimmed(_ bytes: some Sequence<UInt8>) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 10 }
        let front = Array(bytes.drop(while: isSpace))
        let end = (front.lastIndex { !isSpace($0) } ?? -1) + 1
        return String(decoding: front[..<end], as: UTF8.self)
    }
}
