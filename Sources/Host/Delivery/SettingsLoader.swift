import Domain
import Ports
import Telemetry
import Threading

/// Reads destinations' settings for the dispatcher, many at a time.
final class SettingsLoader: Sendable {
    let mailbox = Mailbox<DestinationID>()
    private let alarm = Mailbox<Void>()
    private let makeStore: @Sendable () -> any DirectoryStore
    private let loaded: @Sendable ([(DestinationID, SettingsSnapshot?)]) -> Void
    private let log = Log("settings")

    /// loaded: nil for a destination that does not exist.
    init(
        makeStore: @escaping @Sendable () -> any DirectoryStore,
        loaded: @escaping @Sendable ([(DestinationID, SettingsSnapshot?)]) -> Void
    ) {
        self.makeStore = makeStore
        self.loaded = loaded
    }

    func start() -> WorkerThread { WorkerThread("settings") { self.run() } }

    func stop() {
        mailbox.close()
        alarm.close()
    }

    private func run() {
        let store = makeStore()
        var isAway = false
        while true {
            let wanted = Array(Set(mailbox.take(upTo: 500)))
            if wanted.isEmpty { return }
            while true {
                do throws(StoreError) {
                    let found = try store.destinations(wanted)
                    let byID = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
                    loaded(wanted.map { ($0, byID[$0].map(SettingsSnapshot.init)) })
                    if isAway { log.info("the store is back; settings can be read again") }
                    isAway = false
                    break
                } catch {
                    if !isAway { log.warning("settings cannot be read", ["reason": error.sentence]) }
                    isAway = true
                    if mailbox.isClosed { return }
                    _ = alarm.takeAll(until: .now + .milliseconds(250))
                }
            }
        }
    }
}
