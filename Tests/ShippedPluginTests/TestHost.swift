import PluginAPI

/// A host for one instance: it keeps what the plugin reports and stores, and its clock stands still until told.
final class TestHost {
    var wallMilliseconds: Int64 = 1_700_000_000_000
    var isCancelled = false
    private(set) var sentence: String?
    private(set) var position: UInt64?
    private(set) var counts: [String: UInt64] = [:]
    private var stored: [String: (value: [UInt8], expiry: Int64)] = [:]
    // What `load` lends out lives until the next call, as the interface promises and no longer.
    private var lent: UnsafeMutableBufferPointer<UInt8>?
    let table = UnsafeMutablePointer<hks_host>.allocate(capacity: 1)

    init() {
        table.initialize(
            to: hks_host(
                struct_size: UInt32(MemoryLayout<hks_host>.size), abi_minor: HKS_ABI_MINOR,
                // Not retained: the host outlives its instances in each test, and `release` comes with deinit.
                context: nil,
                report: { host, sentence, position in
                    TestHost.of(host).sentence = String(sentence)
                    TestHost.of(host).position = position
                },
                log: { _, _, _ in },
                wall_ms: { TestHost.of($0).wallMilliseconds },
                monotonic_ns: { TestHost.of($0).wallMilliseconds * 1_000_000 },
                random_bytes: { _, bytes, size in
                    for offset in 0..<Int(size) { bytes?[offset] = UInt8(truncatingIfNeeded: offset) }
                    return Int32(HKS_OK)
                },
                store: { TestHost.of($0).store($1, $2, $3) },
                load: { TestHost.of($0).load($1, $2!) },
                count: { TestHost.of($0).counts[String($1), default: 0] += $2 },
                cancelled: { TestHost.of($0).isCancelled ? 1 : 0 },
                get_service: { _, _ in nil }))
        table.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        lent?.deallocate()
        table.deallocate()
    }

    private static func of(_ host: UnsafePointer<hks_host>?) -> TestHost {
        Unmanaged<TestHost>.fromOpaque(host!.pointee.context).takeUnretainedValue()
    }

    private func store(_ key: hks_bytes, _ value: hks_bytes, _ expiry: Int64) -> Int32 {
        guard key.size <= 100, value.size <= 16_384 else { return Int32(HKS_PERMANENT) }
        stored[String(key)] = value.size == 0 ? nil : ([UInt8](value), expiry)
        return Int32(HKS_OK)
    }

    private func load(_ key: hks_bytes, _ value: UnsafeMutablePointer<hks_bytes>) -> Int32 {
        guard let found = stored[String(key)], wallMilliseconds < found.expiry else { return Int32(HKS_RETRYABLE) }
        lent?.deallocate()
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: found.value.count)
        _ = copy.initialize(from: found.value)
        lent = copy
        value.pointee = hks_bytes(data: UnsafePointer(copy.baseAddress), size: UInt64(copy.count))
        return Int32(HKS_OK)
    }
}

extension String {
    init(_ bytes: hks_bytes) { self.init(decoding: [UInt8](bytes), as: UTF8.self) }

    func withBytes<Result>(_ body: (hks_bytes) throws -> Result) rethrows -> Result {
        try Array(utf8).withBytes(body)
    }
}

extension Array where Element == UInt8 {
    init(_ bytes: hks_bytes) { self.init(UnsafeBufferPointer(start: bytes.data, count: Int(bytes.size))) }

    func withBytes<Result>(_ body: (hks_bytes) throws -> Result) rethrows -> Result {
        try withUnsafeBufferPointer { try body(hks_bytes(data: $0.baseAddress, size: UInt64($0.count))) }
    }
}
