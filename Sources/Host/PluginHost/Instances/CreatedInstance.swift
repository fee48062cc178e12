import Domain
import PluginAPI
import Ports

/// One instance that a component's `create` has made: its host table, its scratch memory, its life.
///
///     init ── create ──► calls, one at a time ──► deinit ── destroy ── host table freed
///
/// Owned by one thread at a time.
final class CreatedInstance {
    let component: Component
    private let services: HostServices
    private let table: HostTable
    private let instance: OpaquePointer
    private let record = CallRecord()
    private let callLimit: Int64
    private var gate = OverrunGate()

    /// Runs the component's `create`. settings: checked against the schema already.
    init(
        _ component: Component, settings: [UInt8], secrets: [[UInt8]], storageKey: String?,
        shared: HostServices.Shared, limits: Limits
    ) throws(PluginFault) {
        var shared = shared
        if storageKey == nil { shared.storage = InstanceStorage(bytesMax: 1 << 20) }
        self.component = component
        services = HostServices(component: component, shared: shared, storageKey: storageKey ?? "", secrets: secrets)
        table = HostTable(services)
        callLimit = limits.pluginCall.inNanoseconds
        instance = try Self.create(
            component, settings: settings, table: table, services: services, limit: limits.pluginCreate.inNanoseconds)
    }

    deinit {
        // A deadline for `destroy`, too, so that `cancelled` has something to say.
        services.begin(deadline: monotonicNanoseconds() + callLimit, context: PluginCallContext())
        component.offer.destroy(instance)
        services.end()
    }

    private static func create(
        _ component: Component, settings: [UInt8], table: HostTable, services: HostServices, limit: Int64
    ) throws(PluginFault) -> OpaquePointer {
        var instance: OpaquePointer?
        let start = monotonicNanoseconds()
        services.begin(deadline: start + limit, context: PluginCallContext())
        let status = settings.withUnsafeBufferPointer {
            component.offer.create(table.pointer, hks_bytes($0), &instance)
        }
        let took = monotonicNanoseconds() - start
        let sentence = services.reportedSentence
        services.end()

        func fault(_ cause: PluginFault.Cause, _ sentence: String) -> PluginFault {
            PluginFault(component: component.name, cause: cause, sentence: sentence, position: services.position)
        }
        guard status == Status.ok else {
            // An instance that came with a failure is not ours to release: entry.h says there is none.
            switch status {
            case Status.invalidSettings: throw fault(.invalidSettings, sentence ?? component.silence(status))
            case Status.needFetch: throw fault(.fault, "\(component.name) asked for a fetch in create")
            default: throw component.fault(forStatus: status, sentence: sentence, position: services.position)
            }
        }
        guard let instance else {
            throw fault(.fault, "\(component.name) returned HKS_OK from create without an instance")
        }
        guard took <= limit else {
            services.begin(deadline: monotonicNanoseconds(), context: PluginCallContext())
            component.offer.destroy(instance)
            services.end()
            let lateness = "took \(inWords(took)) to create an instance; \(inWords(limit)) are allowed"
            throw fault(.overrun, "\(component.name) \(lateness)")
        }
        return instance
    }

    /// Makes one call.
    ///
    /// body: runs the plugin's function and returns its status. judge: turns a status into the result, or into the
    /// fault it means; it is not asked after an overrun, which fails whatever was returned.
    func call<Output>(
        _ context: PluginCallContext, _ body: (OpaquePointer, UnsafePointer<hks_call>) -> Int32,
        judge: (Int32) throws(PluginFault) -> (Output, ComponentMeters.Result)
    ) throws(PluginFault) -> Output {
        let start = monotonicNanoseconds()
        if case .refuse(let left) = gate.ask(at: start) {
            component.meters.refused()
            throw fault(
                .overrun, "\(component.name) is out of service for another \(left / 1_000_000_000 + 1) s: "
                    + "it overran its deadline \(OverrunGate.overrunsInRowMax) times in a row")
        }
        record.fill(context, deadline: start + callLimit)
        services.begin(deadline: start + callLimit, context: context)
        let status = body(instance, record.pointer)
        services.end()
        let now = monotonicNanoseconds()
        let took = now - start

        if gate.finished(overran: took > callLimit, at: now) {
            component.misbehaved("overran its deadline again and is out of service for 30 s", context)
        }
        guard took <= callLimit else {
            component.meters.finished(.overrun, nanoseconds: took)
            throw fault(.overrun, "\(component.name) took \(inWords(took)); \(inWords(callLimit)) are allowed")
        }
        do {
            let (output, result) = try judge(status)
            component.meters.finished(result, nanoseconds: took)
            return output
        } catch {
            let result = ComponentMeters.Result(rawValue: error.cause.rawValue) ?? .fault
            component.meters.finished(result, nanoseconds: took)
            throw error
        }
    }

    /// The fault that a status other than HKS_OK means, with the sentence reported during the call.
    func fault(forStatus status: Int32) -> PluginFault {
        component.fault(forStatus: status, sentence: services.reportedSentence, position: services.position)
    }

    /// A rule of the interface was broken: `emitted its result twice`. It is logged, since the author has to know.
    func broken(_ rule: String, _ context: PluginCallContext) -> PluginFault {
        component.misbehaved(rule, context)
        return fault(.fault, "\(component.name) \(rule)")
    }

    private func fault(_ cause: PluginFault.Cause, _ sentence: String) -> PluginFault {
        PluginFault(component: component.name, cause: cause, sentence: sentence)
    }
}

extension Component {
    /// What a failing status means. The plugin's own sentence goes behind its name.
    func fault(forStatus status: Int32, sentence: String?, position: Int?) -> PluginFault {
        let cause: PluginFault.Cause
        switch status {
        case Status.retryable: cause = .retryable
        case Status.permanent: cause = .permanent
        case Status.internal: cause = .fault
        default:
            let returned = Status.name(status) ?? "status \(status), which the interface does not have"
            let rule = Status.name(status) == nil ? "" : " from a call that may not"
            return PluginFault(component: name, cause: .fault, sentence: "\(name) returned \(returned)\(rule)")
        }
        return PluginFault(
            component: name, cause: cause, sentence: sentence.map { "\(name): \($0)" } ?? silence(status),
            position: position)
    }

    /// What is said in place of the reason that the plugin did not give.
    func silence(_ status: Int32) -> String {
        status == Status.invalidSettings
            ? "\(name) refused the settings without a reason"
            : "\(name) failed without a reason (\(Status.name(status) ?? "status \(status)"))"
    }

    func isSilence(_ sentence: String) -> Bool {
        let failures = [Status.invalidSettings, Status.retryable, Status.permanent, Status.internal]
        return failures.contains { silence($0) == sentence }
    }
}

extension Duration {
    var inNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}

/// `312 ms`, `1.4 s`.
func inWords(_ nanoseconds: Int64) -> String {
    let milliseconds = (nanoseconds + 999_999) / 1_000_000
    guard milliseconds >= 1_000 else { return "\(milliseconds) ms" }
    return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
}
