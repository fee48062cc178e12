import PluginAPI

/// The `hks_sink` of one transformer instance: takes one output a call, up to a size.
final class OutputSink {
    let pointer: UnsafeMutablePointer<hks_sink>
    private let sizeMax: Int
    private var isOpen = false
    private(set) var output: [UInt8]?
    /// What the plugin says its output is.
    private(set) var contentType: String?
    /// What the plugin did wrong in this call, in the words that follow its name.
    private(set) var brokenRule: String?

    init(sizeMax: Int) {
        self.sizeMax = sizeMax
        pointer = .allocate(capacity: 1)
        pointer.initialize(
            to: hks_sink(
                struct_size: UInt32(MemoryLayout<hks_sink>.size), reserved: 0, context: nil,
                size_max: UInt64(sizeMax), emit: sinkEmit, set_content_type: sinkSetContentType))
        // Not retained: the plugin may use the sink only during a call, and the adapter that makes the call owns it.
        pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { pointer.deallocate() }

    func open() {
        output = nil
        contentType = nil
        brokenRule = nil
        isOpen = true
    }

    /// Lets go of the output; the caller has its own reference by now.
    func close() {
        output = nil
        isOpen = false
    }

    fileprivate func emit(_ bytes: hks_bytes) -> Int32 {
        guard isOpen else { return Status.internal }
        guard output == nil else { return refuse("emitted its result twice") }
        guard bytes.size <= UInt64(sizeMax) else {
            return refuse("emitted \(bytes.size) bytes; at most \(sizeMax) are allowed")
        }
        guard let copy = bytes.copied(limit: sizeMax) else { return refuse("emitted bytes at a null pointer") }
        output = copy
        return Status.ok
    }

    fileprivate func setContentType(_ type: hks_bytes) -> Int32 {
        guard isOpen else { return Status.internal }
        guard type.size <= UInt64(MediaType.bytesMax), let bytes = type.copied(limit: MediaType.bytesMax),
            MediaType.isMediaType(bytes)
        else { return refuse("said that its result is of a type that is no media type") }
        contentType = String(decoding: bytes, as: UTF8.self)
        return Status.ok
    }

    private func refuse(_ rule: String) -> Int32 {
        if brokenRule == nil { brokenRule = rule }
        return Status.internal
    }
}

private func sinkEmit(_ sink: UnsafePointer<hks_sink>?, _ bytes: hks_bytes) -> Int32 {
    guard let context = sink?.pointee.context else { return Status.internal }
    return Unmanaged<OutputSink>.fromOpaque(context).takeUnretainedValue().emit(bytes)
}

private func sinkSetContentType(_ sink: UnsafePointer<hks_sink>?, _ type: hks_bytes) -> Int32 {
    guard let context = sink?.pointee.context else { return Status.internal }
    return Unmanaged<OutputSink>.fromOpaque(context).takeUnretainedValue().setContentType(type)
}
