/// A message on its way in, which comes as a method, a header and any number of pieces.
struct IncomingMessage {
    /// Bytes of a body that are kept; a longer one is counted and not read.
    static let bodyBytesMax: UInt64 = 32 << 20

    enum Progress {
        case more
        /// The piece is the whole body, so nobody copied it.
        case whole
        case gathered([UInt8])
        case tooLong
    }

    let tag: UInt64
    let redelivered: Bool
    private(set) var bodyBytes: UInt64 = 0
    private var seen: UInt64 = 0
    private var pieces: [UInt8] = []

    init(tag: UInt64, redelivered: Bool) {
        self.tag = tag
        self.redelivered = redelivered
    }

    /// True if the body is empty, and so the message complete.
    mutating func header(bodyBytes: UInt64) -> Bool {
        self.bodyBytes = bodyBytes
        return bodyBytes == 0
    }

    /// piece: borrowed until return.
    mutating func add(_ piece: UnsafeRawBufferPointer) -> Progress {
        seen += UInt64(piece.count)
        let isLast = seen >= bodyBytes
        if bodyBytes > Self.bodyBytesMax { return isLast ? .tooLong : .more }
        if isLast && pieces.isEmpty { return .whole }
        if pieces.isEmpty { pieces.reserveCapacity(Int(bodyBytes)) }
        pieces.append(contentsOf: piece)
        return isLast ? .gathered(pieces) : .more
    }
}
