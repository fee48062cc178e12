import Config
import Crypto
import Delivery
import Domain
import HTTPSender
import HTTPServer
import Ingest
import ManagementAPI
import PluginHost
import Ports
import PostgresStore
import RabbitBroker
import Synchronization
import Telemetry
import Threading

/// The parts of a serving process, made from its configuration, and the order in which they start and stop.
///
/// Starting waits for nobody: the server answers at once, and until the store has been prepared everything but health,
/// metrics and the API's description answers 503 with the reason under `/health/ready`.
final class Platform: Sendable {
    private let configuration: HostConfiguration
    private let health = Health()
    private let clock = DatabaseClock()
    private let plugins: PluginRegistry
    private let vault: Vault
    private let courier: CurlCourier
    private let publisher: RabbitPublisher?
    private let consumer: RabbitConsumer?
    private let ingest: IngestService?
    private let delivery: DeliveryService?
    private let management: ManagementAPI
    private let server: HTTPServer
    private let changes: ChangeFanOut
    private let quarantineNotices: QuarantineNotices?
    private let upkeep: StoreUpkeep
    private let log = Log("serve")

    init(_ configuration: HostConfiguration) throws {
        self.configuration = configuration
        let health = health
        let clock = clock
        let delivers = configuration.roles.contains(.worker)
        let notices = delivers ? Platform.makeQuarantineNotices(configuration) : nil
        quarantineNotices = notices
        plugins = PluginCommand.registry(configuration) { notices?.post($0) }
        plugins.load()
        let policy = AddressPolicy(opened: configuration.allowedCIDRs)
        courier = CurlCourier(policy: policy, limits: configuration.limits, allowHTTP: configuration.allowHTTP)
        let vault = try Vault(masterKey: configuration.masterKey, older: configuration.olderMasterKeys)
        self.vault = vault
        let topology = Topology(
            shardCount: Int16(configuration.shardCount),
            queueType: Topology.QueueType(rawValue: configuration.queueType.rawValue) ?? .classic)

        let servesAPI = configuration.roles.contains(.api)
        let delivery =
            delivers
            ? Platform.makeDelivery(configuration, catalog: plugins, vault: vault, courier: courier, clock: clock) : nil
        let brokers = try BrokerAddresses(configuration.amqpURL).shuffled()
        let publisher = servesAPI
            ? RabbitPublisher(brokers: brokers, topology: topology, limits: .init(configuration.limits)) : nil
        let consumer = delivery.map {
            RabbitConsumer(
                brokers: brokers.rotated, topology: topology, prefetch: configuration.limits.prefetchMessages,
                receiver: $0)
        }
        let plugins = plugins
        let ingest = publisher.map {
            Platform.makeIngest(configuration, publisher: $0, catalog: plugins, clock: clock)
        }
        (self.delivery, self.publisher, self.consumer, self.ingest) = (delivery, publisher, consumer, ingest)
        changes = ChangeFanOut(url: configuration.databaseURL) { change in
            ingest?.apply(change)
            delivery?.apply(change)
        }
        upkeep = StoreUpkeep(configuration: configuration, clock: clock, health: health)

        let brokerIsThere: @Sendable () -> Bool = {
            publisher?.isConnected ?? consumer?.isConnected ?? true
        }
        let management = Platform.makeManagement(
            configuration, plugins: plugins, vault: vault, policy: policy, clock: clock, intake: ingest,
            readiness: {
                health.parts(brokerIsThere: brokerIsThere(), plugins: plugins)
            })
        self.management = management
        let routes =
            servesAPI
            ? management.routes + (ingest?.routes ?? []) : management.routes.filter { Health.isOpen($0.pattern) }
        server = HTTPServer(
            configuration: Platform.serverConfiguration(configuration), routes: routes.map { health.gate($0) })
    }

    /// True if the process ends because it could not work, and not because it was told to.
    var failed: Bool { health.failed }

    func start() throws {
        try server.start()
        log.info(
            "listening", ["address": "\(configuration.listen.host):\(server.port)", "version": Command.version])
        courier.start()
        publisher?.start()
        ingest?.start()
        upkeep.start { [self] in
            changes.start()
            quarantineNotices?.start()
            if let delivery, let consumer {
                delivery.start(consumer: consumer)
                consumer.start()
            }
            log.info("ready", ["plugins": "\(plugins.components.count)"])
        }
    }

    /// As an operator asks for it by SIGHUP; the log tells what came of it.
    func reloadPlugins() {
        let report = Platform.reloadPlugins(plugins, configuration, vault)
        log.info(
            "plugins reloaded",
            [
                "generation": "\(report.generation)", "loaded": "\(report.loaded.count)",
                "removed": "\(report.removed.count)", "unchanged": "\(report.unchanged)",
                "refused": "\(report.refused.count)",
            ])
    }

    /// From the outside inward: nothing new comes in, what is in flight is finished or handed back, then the rest ends.
    /// Deliveries end beside the server and have all of the grace: a client that is slow to send its request must
    /// neither take it from them nor keep their shards from the next worker.
    func stop() {
        let deadline = ContinuousClock.now + configuration.shutdownGrace
        let left: @Sendable () -> Duration = { max(.milliseconds(100), deadline - .now) }
        health.beginStop()
        let deliveries = WorkerThread("stop-delivery") { [delivery, consumer] in
            delivery?.stop(grace: left())
            consumer?.stop()
        }
        management.stop()
        server.stop(grace: left())
        ingest?.stop()
        publisher?.stop()
        plugins.beginShutdown()
        upkeep.stop()
        changes.stop()
        deliveries.join()
        // Both again: upkeep may have started them only then.
        delivery?.stop(grace: left())
        consumer?.stop()
        courier.stop()
        plugins.stop()
        quarantineNotices?.stop()
    }
}
