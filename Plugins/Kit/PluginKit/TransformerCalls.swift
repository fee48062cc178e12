import PluginAPI

/// The C functions of kind `hks.transformer/1`, the same for each transformer in Swift.
enum TransformerCalls {
    // Written once and read only; never freed.
    nonisolated(unsafe) static let table = UnsafePointer(
        forever(
            hks_transformer_calls(
                struct_size: size(of: hks_transformer_calls.self), reserved: 0,
                apply: { instance, call, payload, output in
                    guard let instance, let call, let output else { return Int32(HKS_INTERNAL) }
                    return apply(.from(instance), Call(table: call), payload, output)
                })))

    private static func apply(
        _ holder: Holder<any Transformer>, _ call: Call, _ payload: hks_bytes, _ output: UnsafePointer<hks_sink>
    ) -> Int32 {
        holder.status {
            let result = try holder.component.apply(payload.buffer.span, call)
            guard UInt64(result.count) <= output.pointee.size_max else {
                throw PluginError.permanent(
                    "The result has \(result.count) bytes; \(output.pointee.size_max) are allowed.")
            }
            if let type = holder.component.contentType { say(type, to: output) }
            return Int(result.withBytes { output.pointee.emit(output, $0) })
        }
    }

    /// Since 1.1: what HKS_HAS of types.h asks.
    private static func say(_ type: String, to output: UnsafePointer<hks_sink>) {
        let end = MemoryLayout<hks_sink>.offset(of: \.set_content_type)! + MemoryLayout<Int>.size
        guard output.pointee.struct_size >= end, let setContentType = output.pointee.set_content_type else { return }
        _ = type.withBytes { setContentType(output, $0) }
    }
}
