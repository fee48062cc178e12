import Config
import Delivery
import Domain
import Ports
import PostgresStore
import Synchronization
import Telemetry
import Threading

/// Prepares the store before anything uses it, then watches over it: whether it answers, what time it has, and what
/// grows old in it.
final class StoreUpkeep: Sendable {
    static let pingInterval = Duration.seconds(1)
    /// How long changes of counts may wait to be folded; summaries see them before that, too.
    static let foldingInterval = Duration.seconds(5)
    static let housekeepingInterval = Duration.seconds(60)

    private let configuration: HostConfiguration
    private let clock: DatabaseClock
    private let health: Health
    private let alarm = Mailbox<Void>()
    private let thread = Mutex<WorkerThread?>(nil)
    private let log = Log("store")
    private let isThere = Metrics.shared.gauge("hooksentry_store_connected", help: "1 while PostgreSQL answers.")

    init(configuration: HostConfiguration, clock: DatabaseClock, health: Health) {
        self.configuration = configuration
        self.clock = clock
        self.health = health
    }

    /// prepared: called once, on this part's thread, when the store can be used.
    func start(prepared: @escaping @Sendable () -> Void) {
        thread.withLock {
            $0 = WorkerThread("upkeep") { [self] in
                let store = PostgresStore(url: configuration.databaseURL, session: .hot("upkeep"))
                guard prepare(store) else { return }
                health.prepared()
                prepared()
                watch(store)
            }
        }
    }

    func stop() {
        alarm.close()
        thread.withLock { $0 }?.join()
    }

    private func prepare(_ store: PostgresStore) -> Bool {
        var said = ""
        var pause = Duration.milliseconds(200)
        while !alarm.isClosed {
            switch attemptToPrepare(store) {
            case .ready:
                health.store(nil)
                isThere.set(1)
                return true
            case .hopeless(let reason):
                log.error("the database cannot be used", ["reason": reason])
                health.fail()
                return false
            case .later(let reason):
                health.store(reason)
                if reason != said { log.warning("waiting for the database", ["reason": reason]) }
                said = reason
                _ = alarm.takeAll(until: .now + pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
        return false
    }

    private enum Preparation {
        case ready
        case later(String)
        case hopeless(String)
    }

    private func attemptToPrepare(_ store: PostgresStore) -> Preparation {
        do {
            // The store's connection says once that nobody answers; a migrator would say so each time. And nothing is
            // accepted by a clock that was not measured.
            try measureClock(store)
            let migrator = Migrator(url: configuration.databaseURL)
            if configuration.migrateOnStart {
                for name in try migrator.migrate(shards: configuration.shardCount) {
                    log.info("schema changed", ["migration": name])
                }
            } else {
                let pending = try migrator.pending()
                guard pending.isEmpty else {
                    return .later("its schema lacks \(pending.joined(separator: ", ")); run 'hooksentry migrate'")
                }
            }
            let shards = try store.shardCount()
            guard Int(shards) == configuration.shardCount else {
                return .hopeless(
                    "it was made for \(shards) shards and the configuration says \(configuration.shardCount); "
                        + "the count cannot change, set shard_count to \(shards)")
            }
            return .ready
        } catch let error as StoreError {
            if case .unavailable = error { return .later(error.sentence) }
            return .hopeless(error.sentence)
        } catch let error as MigrationError {
            return error.isTemporary ? .later(error.sentence) : .hopeless(error.sentence)
        } catch {
            return .hopeless("\(error)")
        }
    }

    private func watch(_ store: PostgresStore) {
        var nextHousekeeping = ContinuousClock.Instant.now
        var nextFolding = nextHousekeeping
        var wasThere = true
        while !alarm.isClosed {
            do throws(StoreError) {
                try measureClock(store)
                health.store(nil)
                if !wasThere { log.info("the database is back") }
                wasThere = true
                if ContinuousClock.now >= nextFolding {
                    nextFolding = .now + Self.foldingInterval
                    fold(store)
                }
                if ContinuousClock.now >= nextHousekeeping {
                    nextHousekeeping = .now + Self.housekeepingInterval
                    keepHouse(store)
                }
            } catch {
                health.store(error.sentence)
                if wasThere { log.warning("the database does not answer", ["reason": error.sentence]) }
                wasThere = false
            }
            isThere.set(wasThere ? 1 : 0)
            _ = alarm.takeAll(until: .now + Self.pingInterval)
        }
    }

    /// Summaries count what is not folded as well, so that a failure is no reason to be unwell.
    private func fold(_ store: PostgresStore) {
        do throws(StoreError) {
            while try store.foldEventCounts() == PostgresStore.foldedAtOnce, !alarm.isClosed {}
        } catch {
            log.warning("counts could not be folded", ["reason": error.sentence])
        }
    }

    /// What could not be done now is done a minute later.
    private func keepHouse(_ store: PostgresStore) {
        let days = configuration.eventRetentionDays
        do throws(StoreError) {
            let report = try store.runHousekeeping(
                now: clock.now(), retention: days > 0 ? .seconds(days * 86_400) : nil,
                limits: configuration.limits)
            if !report.dropped.isEmpty {
                log.info("events past their retention are gone", ["partitions": report.dropped.joined(separator: " ")])
            }
            if !report.kept.isEmpty {
                log.warning(
                    "partitions past their retention have too many events that are not final",
                    ["partitions": report.kept.joined(separator: " ")])
            }
        } catch {
            log.warning("housekeeping could not be finished", ["reason": error.sentence])
        }
    }

    private func measureClock(_ store: PostgresStore) throws(StoreError) {
        let asked = ContinuousClock.now
        let now = try store.now()
        clock.adjust(toDatabase: now, roundTrip: .now - asked)
    }
}
