import CSandbox
import Glibc
import JSON
import Ports
import Synchronization
import Telemetry

/// The child's library and its instances: does what a request asks, on the thread of the slot it came through.
///
/// The host keeps the calls of one instance apart; calls of different instances run at the same time, as in the host.
final class ChildDesk: Sendable {
    /// Unchecked because an instance is used by one call at a time.
    private enum Instance: @unchecked Sendable {
        case transformer(TransformerAdapter)
        case authenticator(AuthenticatorAdapter)
        case retryPolicy(RetryPolicyAdapter)
    }

    private struct State {
        var components: [Component] = []
        var instances: [UInt64: Instance] = [:]
    }

    private let orders: ChildOrders
    private let shared: HostServices.Shared
    private let state = Mutex(State())

    /// isStopping: the word that the host sets when it shuts down.
    init(orders: ChildOrders, isStopping: UnsafeMutablePointer<UInt32>) {
        self.orders = orders
        shared = HostServices.Shared(
            storage: InstanceStorage(), isShuttingDown: HostServices.Flag(mirroring: isStopping))
    }

    /// Opens the library and says what it offers. Once, before any call.
    func load() -> LibraryReport {
        let file = LibraryFile(
            path: orders.library, identity: LibraryFile.Identity(device: 0, inode: 0), digest: "",
            mentionsEntry: true, image: LibraryImage(adopting: PluginChild.imageDescriptor))
        switch PluginLibrary.open(file) {
        case .notPlugin: return .notPlugin
        case .refused(let refused): return .refused(refused)
        case .plugin(let offers):
            let components = offers.map { Component($0, file: file, metrics: Metrics(), log: Log("plugin")) }
            state.withLock { $0.components = components }
            // It is mapped and never opened again; a plugin has no business with its own file.
            close(PluginChild.imageDescriptor)
            return .plugin(offers.map(ReportedComponent.init))
        }
    }

    func answer(_ request: CallRequest) -> CallAnswer.Result {
        do throws(PluginFault) {
            return try perform(request)
        } catch {
            return .fault(error)
        }
    }

    private func perform(_ request: CallRequest) throws(PluginFault) -> CallAnswer.Result {
        let context = request.context
        switch request.work {
        case .create(let component, let settings, let key, let kept):
            let instance = try create(component, settings, key, kept)
            state.withLock { $0.instances[request.instance] = instance }
            return .done
        case .destroy:
            let instance = state.withLock { $0.instances.removeValue(forKey: request.instance) }
            _ = consume instance
            return .done
        case .apply(let payload):
            guard case .transformer(let instance) = try find(request) else { throw mismatch }
            return .payload(try instance.transform(payload, context))
        case .authenticate(let method, let url, let headers, let body):
            guard case .authenticator(let instance) = try find(request) else { throw mismatch }
            let step = try instance.authenticate(method: method, url: url, headers: headers, body: body, context)
            switch step {
            case .headers(let headers): return .headers(headers)
            case .needsFetch(let fetch): return .needsFetch(fetch)
            }
        case .fetched(let status, let headers, let body):
            guard case .authenticator(let instance) = try find(request) else { throw mismatch }
            try instance.fetched(status: status, headers: headers, body: body, context)
            return .done
        case .rejected(let status):
            guard case .authenticator(let instance) = try find(request) else { throw mismatch }
            return .renewable(instance.rejected(status: status, context))
        case .decide(let failure):
            guard case .retryPolicy(let instance) = try find(request) else { throw mismatch }
            return .decision(try instance.decide(failure, context))
        }
    }

    private func create(
        _ index: Int, _ settings: [UInt8], _ storageKey: String?, _ kept: [StoredValue]
    ) throws(PluginFault) -> Instance {
        let components = state.withLock { $0.components }
        guard components.indices.contains(index) else { throw mismatch }
        let component = components[index]
        if let storageKey { shared.storage.fill(storageKey, with: kept, now: wallMilliseconds()) }
        // The host has held the settings against the schema.
        let tree = (try? JSONValue(parsing: settings)) ?? .null
        let limits = orders.limits
        let created = try CreatedInstance(
            component, settings: settings, secrets: component.offer.schema.root.secretTexts(in: tree),
            storageKey: storageKey, shared: shared, limits: limits)
        switch component.offer.kind {
        case .transformer: return .transformer(TransformerAdapter(created, sizeMax: limits.transformedBytes))
        case .authenticator: return .authenticator(AuthenticatorAdapter(created))
        case .retryPolicy: return .retryPolicy(RetryPolicyAdapter(created))
        }
    }

    private func find(_ request: CallRequest) throws(PluginFault) -> Instance {
        guard let instance = state.withLock({ $0.instances[request.instance] }) else { throw mismatch }
        return instance
    }

    /// The host asked for what it never created: a mistake of ours.
    private var mismatch: PluginFault {
        PluginFault(component: "", cause: .fault, sentence: "was asked for an instance that it does not have")
    }
}
