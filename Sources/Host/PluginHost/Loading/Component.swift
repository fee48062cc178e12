import PluginAPI
import Ports
import Synchronization
import Telemetry

/// The functions of a component's kind, copied out of the library.
enum ComponentCalls {
    case authenticator(hks_authenticator_calls)
    case transformer(hks_transformer_calls)
    case retryPolicy(hks_retry_policy_calls)
}

/// What runs a component's code.
struct ComponentFunctions {
    typealias Create = @convention(c) (UnsafePointer<hks_host>?, hks_bytes, UnsafeMutablePointer<OpaquePointer?>?)
        -> Int32
    typealias Destroy = @convention(c) (OpaquePointer?) -> Void

    var create: Create
    var destroy: Destroy
    var calls: ComponentCalls
}

/// What a library says about one of its components, checked.
struct OfferedComponent {
    var kind: PluginKind
    var name: String
    var version: String
    var description: String
    var schemaBytes: [UInt8]
    var schema: SettingsSchema
    /// Nil if the library is open in another process.
    var functions: ComponentFunctions?

    var create: ComponentFunctions.Create { opened.create }
    var destroy: ComponentFunctions.Destroy { opened.destroy }
    var calls: ComponentCalls { opened.calls }

    private var opened: ComponentFunctions {
        guard let functions else { preconditionFailure("\(name) is not open in this process") }
        return functions
    }
}

/// A component that tenants can choose. Immutable but for its counters; for any thread.
///
/// Unchecked because functions of C are not marked Sendable: by entry.h all that is reached from the entry is
/// constant, and a library is never unloaded.
final class Component: @unchecked Sendable {
    let offer: OfferedComponent
    let file: LibraryFile
    let meters: ComponentMeters
    private let logger: Log
    private let budget = Mutex(LineBudget())

    /// Where its instances live; nil: in this process.
    let home: IsolatedLibrary.Place?

    /// `Mapping 1.0.0`.
    let title: String

    init(
        _ offer: OfferedComponent, file: LibraryFile, home: IsolatedLibrary.Place? = nil, metrics: Metrics, log: Log
    ) {
        self.offer = offer
        self.file = file
        self.home = home
        title = "\(offer.name) \(offer.version)"
        meters = ComponentMeters(component: offer.name, kind: offer.kind.name, metrics: metrics)
        logger = log
    }

    var name: String { offer.name }

    var described: PluginDescription {
        PluginDescription(
            name: offer.name, kind: offer.kind, version: offer.version, description: offer.description,
            settingsSchema: offer.schemaBytes, library: file.path, digest: file.digest, isIsolated: home != nil)
    }

    /// A line of the plugin's own.
    func log(_ level: Int32, _ message: String, _ context: PluginCallContext) {
        // In a child: the host writes it, and counts the lines.
        if let collector = RemarkCollector.ofThisThread { return collector.add(.log(level: level, message: message)) }
        switch budget.withLock({ $0.take(at: monotonicNanoseconds()) }) {
        case .drop: return
        case .announceDrop:
            logger.warning(
                "plugin logs more than \(LineBudget.linesPerMinute) lines a minute; the rest of this minute is dropped",
                ["plugin": title])
        case .write: write(level, message, context)
        }
    }

    /// A broken promise of the plugin's, in the words that follow its name. On the plugin's own budget of lines.
    func misbehaved(_ what: String, _ context: PluginCallContext) {
        log(Int32(HKS_LOG_PLUGIN_MISBEHAVING), what, context)
    }

    private func write(_ level: Int32, _ message: String, _ context: PluginCallContext) {
        let fields: KeyValuePairs = [
            "plugin": title, "tenant": context.tenantID?.description ?? "",
            "destination": context.destinationID?.description ?? "", "event": context.eventID?.description ?? "",
        ]
        switch Int(level) {
        case HKS_LOG_DEBUG: logger.debug(message, fields)
        case HKS_LOG_INFO: logger.info(message, fields)
        case HKS_LOG_ERROR: logger.error(message, fields)
        case HKS_LOG_HOST_MISBEHAVING: logger.warning("host misbehaving: \(message)", fields)
        case HKS_LOG_PLUGIN_MISBEHAVING: logger.warning("plugin misbehaving: \(message)", fields)
        default: logger.warning(message, fields)
        }
    }
}
