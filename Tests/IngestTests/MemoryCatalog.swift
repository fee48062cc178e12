import Ports
import Synchronization

/// Offers one transformer, `Mapping`: it wraps the payload, or does as its settings say.
final class MemoryCatalog: PluginCatalog {
    let made = Atomic<Int>(0)
    let components: [PluginDescription] = []
    let generation = 1

    func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault) {}
    func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8] { settings }

    func makeTransformer(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any TransformerInstance
    {
        made.add(1, ordering: .relaxed)
        let text = String(decoding: settings, as: UTF8.self)
        if plugin != "Mapping" || text == #"{"bad":1}"# {
            throw fault("the mapping cannot be compiled", .invalidSettings)
        }
        if text == #"{"late":1}"#, made.load(ordering: .relaxed) < 3 {
            throw fault("no answer in time", .overrun, retryAfter: .zero)
        }
        return Wrapping(fails: text == #"{"fails":1}"#)
    }

    func makeAuthenticator(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any AuthenticatorInstance
    {
        throw fault("none here")
    }

    func makeRetryPolicy(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any RetryPolicyInstance
    {
        throw fault("none here")
    }
}

private func fault(
    _ sentence: String, _ cause: PluginFault.Cause = .permanent, retryAfter: Duration? = nil
) -> PluginFault {
    PluginFault(component: "Mapping", cause: cause, sentence: sentence, retryAfter: retryAfter)
}

private final class Wrapping: TransformerInstance {
    let title = "Mapping 1.0.0"
    let fails: Bool
    init(fails: Bool) { self.fails = fails }

    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        if fails { throw fault("the payload cannot be mapped") }
        return TransformedPayload(Array(#"{"mapped":"#.utf8) + payload + Array("}".utf8))
    }
}
