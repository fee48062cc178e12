import PluginAPI

extension hks_bytes {
    /// The bytes; good as long as whoever lent them said.
    var buffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: data, count: data == nil ? 0 : Int(size))
    }

    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.init(data: buffer.baseAddress, size: UInt64(buffer.count))
    }

    /// A copy that is never freed, for the tables that the host may read at any time.
    init(forever text: String) {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = copy.initialize(from: text.utf8)
        self.init(UnsafeBufferPointer(copy))
    }
}

extension String {
    init(_ bytes: hks_bytes) {
        self.init(decoding: bytes.buffer, as: UTF8.self)
    }

    /// Lends the UTF-8 bytes for the length of `body`.
    func withBytes<Result>(_ body: (hks_bytes) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { body(hks_bytes($0)) }
    }
}

extension Array where Element == UInt8 {
    init(_ bytes: hks_bytes) {
        self.init(bytes.buffer)
    }

    func withBytes<Result>(_ body: (hks_bytes) -> Result) -> Result {
        withUnsafeBufferPointer { body(hks_bytes($0)) }
    }
}
