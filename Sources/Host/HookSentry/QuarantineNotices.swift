import Domain
import Ports
import Telemetry
import Threading

/// Tells the tenants whose destinations use a plugin that it is in quarantine, or back.
///
/// Changes are posted from threads that deliver. One thread, `plugin-notices`, writes them; while the store is away it
/// keeps them and tries again.
final class QuarantineNotices: Sendable {
    struct Notice: Sendable {
        var content: PlatformNotice
        var kind: PluginKind
        var plugin: String

        /// Whether that one says the same of the same plugin, if not with the same numbers.
        func repeats(_ other: Notice) -> Bool {
            content.type == other.content.type && content.subject == other.content.subject
        }
    }

    /// Writes one notice; how many tenants were told. Blocking.
    typealias Write = @Sendable (Notice) throws(StoreError) -> Int

    static let pauseMax = Duration.seconds(5)

    private let write: Write
    private let firstPause: Duration
    private let changes = Mailbox<QuarantineChange>()
    private let thread = Monitor<WorkerThread?>(nil)
    private let log = Log("plugin")

    /// firstPause: before a write is tried again; it doubles up to `pauseMax`.
    init(firstPause: Duration = .milliseconds(200), write: @escaping Write) {
        self.firstPause = firstPause
        self.write = write
    }

    /// Never blocks. What is posted before the start is told after it.
    func post(_ change: QuarantineChange) { changes.post(change) }

    func start() {
        thread.change { $0 = WorkerThread("plugin-notices") { [self] in run() } }
    }

    /// What the store would not take by now is lost.
    func stop() {
        changes.close()
        thread.withLock { $0 }?.join()
    }

    private func run() {
        var waiting: [Notice] = []
        var pause = firstPause
        while true {
            let taken = changes.takeAll(until: waiting.isEmpty ? nil : .now + pause)
            for notice in taken.flatMap(Self.notices) {
                // One of each, so that what waits for the store has a bound.
                waiting.removeAll { $0.repeats(notice) }
                waiting.append(notice)
            }
            let before = waiting.count
            waiting = told(waiting)
            if changes.isClosed && taken.isEmpty { return }
            pause = waiting.isEmpty || waiting.count < before ? firstPause : min(pause * 2, Self.pauseMax)
        }
    }

    /// Writes them in order; what is left was not written.
    private func told(_ notices: [Notice]) -> [Notice] {
        for (index, notice) in notices.enumerated() {
            do throws(StoreError) {
                let tenants = try write(notice)
                log.info(
                    "tenants are told of a plugin",
                    ["plugin": notice.plugin, "type": notice.content.type.rawValue, "tenants": "\(tenants)"])
            } catch {
                if case .unavailable = error { return Array(notices[index...]) }
                log.error(
                    "tenants cannot be told of a plugin", ["plugin": notice.plugin, "reason": error.sentence])
            }
        }
        return []
    }

    /// One for each component, since a tenant hears only of those that it uses.
    static func notices(of change: QuarantineChange) -> [Notice] {
        change.components.map { component in
            let content =
                switch change.turn {
                case .began(let reason, let lasts):
                    PlatformNotice(
                        type: .pluginQuarantined, title: "Plugin \(component.name) is out of service",
                        body: "\(component.name) \(component.version) is in quarantine for "
                            + "\(lasts.components.seconds) s, because \(reason) again and again. "
                            + meanwhile(component.kind),
                        subject: subject(component))
                case .ended:
                    PlatformNotice(
                        type: .pluginRecovered, title: "Plugin \(component.name) is back",
                        body: "\(component.name) \(component.version) is in service again.",
                        subject: subject(component))
                }
            return Notice(content: content, kind: component.kind, plugin: component.name)
        }
    }

    private static func subject(_ component: QuarantineChange.Component) -> String {
        "\(component.kind.word)/\(component.name)"
    }

    private static func meanwhile(_ kind: PluginKind) -> String {
        switch kind {
        case .authenticator, .transformer:
            "Events that need it wait until it is back; that costs them no attempt."
        case .retryPolicy: "Until it is back, failed attempts are repeated after the default delay."
        }
    }
}
