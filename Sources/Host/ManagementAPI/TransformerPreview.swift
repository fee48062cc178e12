import Domain
import Ports
import Synchronization
import Threading

/// Tries a transformer on a payload without delivering anything.
///
/// Foreign code may not come back. It runs on a thread of its own, which is left behind after as long as a well-behaved
/// component could possibly take; the component is then out of service for that tenant's previews for a while, and
/// threads that are still stuck count against the bound on previews at a time. So no request waits for long, and no
/// component can use up the process's threads.
final class TransformerPreview: Sendable {
    enum Answer: Sendable {
        case made(TransformedPayload)
        /// stage: what the sentence, and its position, are about.
        case failed(PluginFault, Stage)
        /// Too many run at this moment.
        case busy
    }

    enum Stage: String, Sendable { case settings, payload }

    /// Previews at a time, stuck ones included.
    static let atOnce = 4
    /// Of those, previews of one tenant.
    static let atOnceOfTenant = 2
    /// How long a component that did not return is not tried again.
    static let outOfServiceTime = Duration.seconds(60)

    private struct State {
        var running: [TenantID] = []
        var outOfService: [Use: ContinuousClock.Instant] = [:]
    }

    /// One tenant's settings and payload may be what a component does not come back from; others' are not.
    private struct Use: Hashable {
        var plugin: String
        var tenant: TenantID
    }

    private let catalog: any PluginCatalog
    private let patience: Duration
    private let state = Mutex(State())

    init(catalog: any PluginCatalog, limits: Limits) {
        self.catalog = catalog
        patience = limits.pluginCreate + limits.pluginCall + .seconds(1)
    }

    /// Makes an instance with the settings and drops it after one payload. Blocks as long as the component may take.
    func run(_ plugin: String, settings: [UInt8], payload: [UInt8], for tenant: TenantID) -> Answer {
        let deadline = ContinuousClock.now + patience
        let use = Use(plugin: plugin, tenant: tenant)
        let admitted: Answer? = state.withLock { state in
            let now = ContinuousClock.now
            state.outOfService = state.outOfService.filter { $0.value > now }
            if state.outOfService[use] != nil { return .failed(stuck(plugin), .payload) }
            guard state.running.count < Self.atOnce,
                state.running.count(where: { $0 == tenant }) < Self.atOnceOfTenant
            else { return .busy }
            state.running.append(tenant)
            return nil
        }
        if let admitted { return admitted }
        let answers = Mailbox<Answer>()
        // Nobody joins it: it ends by itself, or is stuck for good.
        _ = WorkerThread("preview") { [self] in
            let answer = attempt(plugin, settings, payload, tenant)
            // First: whoever has his answer may ask for the next one.
            state.withLock { _ = $0.running.remove(at: $0.running.firstIndex(of: tenant)!) }
            answers.post(answer)
        }
        if let answer = answers.takeAll(until: deadline).first { return answer }
        state.withLock { $0.outOfService[use] = .now + Self.outOfServiceTime }
        return .failed(stuck(plugin), .payload)
    }

    private func attempt(_ plugin: String, _ settings: [UInt8], _ payload: [UInt8], _ tenant: TenantID) -> Answer {
        let instance: any TransformerInstance
        do throws(PluginFault) {
            // A storage of its own: what a preview keeps must not meet what deliveries, or other tenants, have.
            instance = try catalog.makeTransformer(
                plugin, settings: settings, storageKey: "preview/\(tenant)/\(plugin)")
        } catch {
            return .failed(error, .settings)
        }
        do throws(PluginFault) {
            return .made(try transform(payload, instance, plugin, settings, tenant))
        } catch {
            return .failed(error, .payload)
        }
    }

    /// An isolated library that is starting is waited for, as it is where settings are checked.
    private func transform(
        _ payload: [UInt8], _ instance: any TransformerInstance, _ plugin: String, _ settings: [UInt8],
        _ tenant: TenantID
    ) throws(PluginFault) -> TransformedPayload {
        let context = PluginCallContext(tenantID: tenant)
        do throws(PluginFault) {
            return try instance.transform(payload, context)
        } catch where error.cause == .unavailable {
            try catalog.validate(.transformer, plugin: plugin, settings: settings)
            return try instance.transform(payload, context)
        }
    }

    private func stuck(_ plugin: String) -> PluginFault {
        PluginFault(
            component: plugin, cause: .overrun,
            sentence: "a call did not return; previews of \(plugin) are out of service for a while")
    }
}
