import Crypto
import Domain
import Ports
import Synchronization
import Threading

/// The worker: everything between the broker and the store on one side and the destinations on the other.
package final class DeliveryService: MessageReceiver {
    /// Makes a store for the thread that calls it, which is then its only user.
    package struct Stores: Sendable {
        let settlement: @Sendable () -> any SettlementStore
        let due: @Sendable () -> any DueStore
        let directory: @Sendable () -> any DirectoryStore
        let lease: @Sendable () -> any LeaseStore
        let replay: @Sendable () -> any ReplayStore

        package init(
            settlement: @escaping @Sendable () -> any SettlementStore, due: @escaping @Sendable () -> any DueStore,
            directory: @escaping @Sendable () -> any DirectoryStore, lease: @escaping @Sendable () -> any LeaseStore,
            replay: @escaping @Sendable () -> any ReplayStore
        ) {
            self.settlement = settlement
            self.due = due
            self.directory = directory
            self.lease = lease
            self.replay = replay
        }
    }

    package struct Configuration: Sendable {
        package var node: NodeID
        package var shardCount: Int16
        package var limits: Limits
        /// Threads that run plugins.
        package var lanes = 2

        package init(node: NodeID, shardCount: Int16, limits: Limits) {
            self.node = node
            self.shardCount = shardCount
            self.limits = limits
        }
    }

    private let dispatcher: Dispatcher
    private let configuration: Configuration
    private let stores: Stores
    private let environment: LaneEnvironment
    private let clock: DatabaseClock

    private struct Running {
        var surroundings: Dispatcher.Surroundings
        var dispatcher: WorkerThread
        var helpers: [WorkerThread]
        var lease: WorkerThread
        var replays: (runner: ReplayRunner, thread: WorkerThread)
    }
    private let running = Mutex<Running?>(nil)

    package init(
        configuration: Configuration, stores: Stores, catalog: any PluginCatalog, vault: Vault, courier: any Courier,
        clock: DatabaseClock
    ) {
        let dispatcher = Dispatcher(
            clock: clock, limits: configuration.limits, shardCount: configuration.shardCount)
        self.dispatcher = dispatcher
        self.configuration = configuration
        self.stores = stores
        self.clock = clock
        environment = LaneEnvironment(
            catalog: catalog, vault: vault, courier: courier, clock: clock, limits: configuration.limits,
            transformedBytes: TransformedBytes(limit: configuration.limits.attemptsInFlightBytes),
            conclude: { dispatcher.mailbox.post(.concluded($0)) })
    }

    /// consumer: started by the caller, with this service as its receiver.
    package func start(consumer: any MessageConsumer) {
        let mailbox = dispatcher.mailbox
        let settler = Settler(
            limits: configuration.limits, makeStore: stores.settlement,
            acknowledge: { consumer.acknowledge($0) }, settled: { mailbox.post(.settled($0)) })
        let dueReader = DueReader(makeStore: stores.due, answer: { mailbox.post(.due($0)) })
        let loader = SettingsLoader(makeStore: stores.directory, loaded: { mailbox.post(.settings($0)) })
        let keeper = LeaseKeeper(
            node: configuration.node, lease: configuration.limits.shardLease, clock: clock, makeStore: stores.lease,
            changed: { mailbox.post(.ownership($0)) })
        let lanes = (0..<max(1, configuration.lanes)).map { _ in ChainLane(environment) }
        for lane in lanes { lane.start() }
        let surroundings = Dispatcher.Surroundings(
            lanes: lanes, settler: settler, dueReader: dueReader, settingsLoader: loader, leaseKeeper: keeper,
            consumer: consumer, courier: environment.courier)
        let replays = ReplayRunner(node: configuration.node, makeStore: stores.replay)
        let threads = [settler.start(), dueReader.start(), loader.start()]
        running.withLock {
            $0 = Running(
                surroundings: surroundings, dispatcher: dispatcher.start(surroundings), helpers: threads,
                lease: keeper.start(), replays: (replays, replays.start()))
        }
    }

    package func received(_ deliveries: [BrokerDelivery]) { dispatcher.mailbox.post(.received(deliveries)) }

    package func apply(_ change: DirectoryChange) { dispatcher.mailbox.post(.changed(change)) }

    /// Finishes what is in flight within the grace, writes its outcomes, gives the shards back, and ends. Nothing is
    /// to be done a second time, nor before it was started.
    package func stop(grace: Duration) {
        guard
            let running = running.withLock({ running in
                defer { running = nil }
                return running
            })
        else { return }
        running.replays.runner.stop()
        dispatcher.mailbox.post(.stop(by: .now + grace))
        running.dispatcher.join()
        for lane in running.surroundings.lanes { lane.stop() }
        running.surroundings.settler.stop()
        running.surroundings.dueReader.stop()
        running.surroundings.settingsLoader.stop()
        for thread in running.helpers { thread.join() }
        running.replays.thread.join()
        running.surroundings.leaseKeeper.stop()
        running.lease.join()
    }
}
