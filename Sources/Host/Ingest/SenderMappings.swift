import Domain
import Ports
import Synchronization

/// The compiled mappings of senders, by the mapping's bytes and the plugins' generation, so that a changed mapping
/// or plugin is another one.
final class SenderMappings: Sendable {
    /// Instances kept; beyond it all are dropped and made again as they are needed.
    static let kept = 1_024
    /// Between two tries to make an instance, unless the failure says otherwise.
    private static let retryPause = Duration.seconds(1)
    /// The same after a failure that cost a thread or a process its time.
    private static let longRetryPause = Duration.seconds(60)
    /// So long a client may be asked to wait for the plugin; one that is away for longer counts as a failure.
    private static let absenceMax = Duration.seconds(1)

    private struct Compiled {
        var source: [UInt8]
        var generation: Int
        var program: Result<MappingProgram, PluginFault>
        /// For a failure that says nothing about the mapping: when it is tried again.
        var until: ContinuousClock.Instant?
    }

    private let catalog: any PluginCatalog
    private let compiled = Mutex<[SenderID: Compiled]>([:])

    init(_ catalog: any PluginCatalog) { self.catalog = catalog }

    /// Applies the sender's mapping, if there is one. One that fails never fails the request: the payload is stored as
    /// it came, and the event says why. False if the plugin is not there for a moment: nothing is stored yet, and the
    /// client can come again.
    func map(_ event: inout PendingEvent) -> Bool {
        guard let mapping = event.target.mapping, let sender = event.target.senderID else { return true }
        let context = PluginCallContext(tenantID: event.target.tenantID, destinationID: event.target.destinationID)
        do throws(PluginFault) {
            event.payload = try apply(mapping, of: sender, to: event.payload, context)
            event.contentType = IngestRules.defaultContentType
        } catch {
            if error.cause == .unavailable, error.retryAfter ?? .zero <= Self.absenceMax { return false }
            event.mappingError = error.sentence
        }
        return true
    }

    /// The payload that the mapping makes of the posted one. Runs foreign code on the calling thread.
    private func apply(_ mapping: [UInt8], of sender: SenderID, to payload: [UInt8], _ context: PluginCallContext)
        throws(PluginFault) -> [UInt8]
    {
        try program(mapping, sender).get().apply(payload, context)
    }

    private func program(_ mapping: [UInt8], _ sender: SenderID) -> Result<MappingProgram, PluginFault> {
        let generation = catalog.generation
        if let known = compiled.withLock({ $0[sender] }), known.source == mapping, known.generation == generation,
            known.until.map({ .now < $0 }) ?? true
        {
            return known.program
        }
        // Two threads may both compile here; the later one stays, and neither waits for the other.
        let program: Result<MappingProgram, PluginFault>
        var until: ContinuousClock.Instant?
        do throws(PluginFault) {
            program = .success(
                MappingProgram(
                    try catalog.makeTransformer(
                        SenderRecord.mappingTransformer, settings: mapping, storageKey: "sender:\(sender)")))
        } catch {
            program = .failure(error)
            if error.cause != .invalidSettings {
                let isCostly = error.cause == .overrun || error.cause == .crash
                until = .now + (error.retryAfter ?? (isCostly ? Self.longRetryPause : Self.retryPause))
            }
        }
        compiled.withLock {
            if $0.count >= Self.kept, $0[sender] == nil { $0 = [:] }
            $0[sender] = Compiled(source: mapping, generation: generation, program: program, until: until)
        }
        return program
    }
}

/// One instance, with its calls kept apart.
private final class MappingProgram: @unchecked Sendable {
    // Used only under `lock`, since the calls of an instance must not overlap.
    private let instance: any TransformerInstance
    private let lock = Mutex<Void>(())

    init(_ instance: any TransformerInstance) { self.instance = instance }

    func apply(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> [UInt8] {
        try lock.withLock { _ throws(PluginFault) in try instance.apply(payload, context) }
    }
}
