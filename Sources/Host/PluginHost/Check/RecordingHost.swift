import Domain
import PluginAPI

/// A host of the kit's own, behind the same table: it writes down what the plugin says, its chance is the
/// same each time, and it can say that nobody waits any more. For one instance, on one thread at a time.
final class RecordingHost {
    let pointer: UnsafeMutablePointer<hks_host>
    /// What `report` and `log` were given, since `forget`.
    private(set) var sentences: [[UInt8]] = []
    private(set) var lines: [[UInt8]] = []
    var isCancelled = false
    private var numbers = RepeatableNumbers(seed: 1)
    private var stored: [[UInt8]: [UInt8]] = [:]
    private var lent: UnsafeMutableBufferPointer<UInt8>?

    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(
            to: hks_host(
                struct_size: UInt32(MemoryLayout<hks_host>.size), abi_minor: Interface.minor, context: nil,
                report: { host, sentence, _ in recording(host)?.sentences.append(sentence.prefix(4_096)) },
                log: { host, _, message in recording(host)?.lines.append(message.prefix(4_096)) },
                wall_ms: { _ in wallMilliseconds() }, monotonic_ns: { _ in monotonicNanoseconds() },
                random_bytes: { host, bytes, size in recording(host)?.random(bytes, size) ?? Status.internal },
                store: { host, key, value, _ in recording(host)?.store(key, value) ?? Status.permanent },
                load: { host, key, value in recording(host)?.load(key, value) ?? Status.retryable },
                count: { _, _, _ in }, cancelled: { host in recording(host)?.isCancelled == true ? 1 : 0 },
                get_service: { _, _ in nil }))
        // Not retained: the plugin may use it only during a call, and whoever makes the call holds this.
        pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        lent?.deallocate()
        pointer.deallocate()
    }

    func forget() {
        sentences = []
        lines = []
    }

    private func random(_ bytes: UnsafeMutablePointer<UInt8>?, _ size: UInt64) -> Int32 {
        guard let bytes else { return size == 0 ? Status.ok : Status.internal }
        for index in 0..<Int(clamping: size) { bytes[index] = UInt8(truncatingIfNeeded: numbers.next()) }
        return Status.ok
    }

    private func store(_ key: hks_bytes, _ value: hks_bytes) -> Int32 {
        guard let key = key.copied(limit: InstanceStorage.keyBytesMax),
            let value = value.copied(limit: InstanceStorage.valueBytesMax)
        else { return Status.permanent }
        stored[key] = value.isEmpty ? nil : value
        return Status.ok
    }

    private func load(_ key: hks_bytes, _ value: UnsafeMutablePointer<hks_bytes>?) -> Int32 {
        guard let value, let key = key.copied(limit: InstanceStorage.keyBytesMax), let bytes = stored[key] else {
            return Status.retryable
        }
        lent?.deallocate()
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        lent = buffer
        value.pointee = hks_bytes(UnsafeBufferPointer(buffer))
        return Status.ok
    }
}

private func recording(_ host: UnsafePointer<hks_host>?) -> RecordingHost? {
    guard let context = host?.pointee.context else { return nil }
    return Unmanaged<RecordingHost>.fromOpaque(context).takeUnretainedValue()
}
