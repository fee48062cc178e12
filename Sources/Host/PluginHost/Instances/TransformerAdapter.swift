import PluginAPI
import Ports

/// A transformer in this process, as the chain sees it.
final class TransformerAdapter: TransformerInstance {
    private let instance: CreatedInstance
    private let calls: hks_transformer_calls
    private let sink: OutputSink

    /// instance: of a component of this kind.
    init(_ instance: CreatedInstance, sizeMax: Int) {
        guard case .transformer(let calls) = instance.component.offer.calls else {
            preconditionFailure("\(instance.component.title) is not a transformer")
        }
        self.instance = instance
        self.calls = calls
        sink = OutputSink(sizeMax: sizeMax)
    }

    var title: String { instance.component.title }

    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        sink.open()
        defer { sink.close() }
        return try instance.call(context) { instance, call in
            payload.withUnsafeBufferPointer { calls.apply(instance, call, hks_bytes($0), sink.pointer) }
        } judge: { status throws(PluginFault) in
            (try output(status, context), .ok)
        }
    }

    private func output(_ status: Int32, _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        if let rule = sink.brokenRule { throw instance.broken(rule, context) }
        guard status == Status.ok else {
            if sink.output != nil { throw instance.broken("emitted a result and then failed", context) }
            throw instance.fault(forStatus: status)
        }
        guard let output = sink.output else { throw instance.broken("returned HKS_OK without a result", context) }
        return TransformedPayload(output, contentType: sink.contentType)
    }
}
