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
import Telemetry

// How each part is made from the configuration.
extension Platform {
    static func makeDelivery(
        _ configuration: HostConfiguration, catalog: any PluginCatalog, vault: Vault, courier: any Courier,
        clock: DatabaseClock
    ) -> DeliveryService {
        let url = configuration.databaseURL
        @Sendable func store(_ purpose: String) -> PostgresStore { PostgresStore(url: url, session: .hot(purpose)) }
        let node = NodeID(at: clock.now(), random: (SecureRandom.number(), SecureRandom.number()))
        return DeliveryService(
            configuration: DeliveryService.Configuration(
                node: node, shardCount: Int16(configuration.shardCount), limits: configuration.limits),
            stores: DeliveryService.Stores(
                settlement: { PostgresStore(url: url, session: .settling()) },
                due: { store("due") }, directory: { store("settings") },
                lease: { store("lease") }, replay: { store("replay") }),
            catalog: catalog, vault: vault, courier: courier, clock: clock)
    }

    static func makeIngest(
        _ configuration: HostConfiguration, publisher: any MessagePublisher, catalog: any PluginCatalog,
        clock: DatabaseClock
    ) -> IngestService {
        let url = configuration.databaseURL
        let window = configuration.limits.idempotencyWindow
        return IngestService(
            makeAcceptStore: { PostgresStore(url: url, session: .hot("accept"), idempotencyWindow: window) },
            makeDirectoryStore: { PostgresStore(url: url, session: .hot("directory")) }, publisher: publisher,
            catalog: catalog, limits: configuration.limits, shardCount: Int16(configuration.shardCount),
            linger: LingerPolicy(
                longest: configuration.limits.acceptLinger, enough: configuration.limits.acceptLingerEvents),
            clock: { clock.now() })
    }

    static func makeManagement(
        _ configuration: HostConfiguration, plugins: PluginRegistry, vault: Vault, policy: AddressPolicy,
        clock: DatabaseClock, intake: (any EventIntake)?, readiness: @escaping @Sendable () -> [PartHealth]
    ) -> ManagementAPI {
        var settings = ManagementSettings(clock: { clock.now() })
        settings.allowsHTTP = configuration.allowHTTP
        settings.trustedProxies = configuration.trustedProxies
        settings.hostProblem = { host in
            guard case .blocked(let what) = policy.verdict(forLiteralHost: host) else { return nil }
            return "must not lead to \(host), which is \(what)"
        }
        settings.readiness = readiness
        if let intake { settings.acceptTestEvent = { intake.accept(test: $0, for: $1) } }
        settings.operatorToken = configuration.operatorToken
        settings.plugins = PluginAdministration(
            generation: { plugins.generation }, libraries: { plugins.libraries }, refusals: { plugins.refusals },
            reload: { reloadPlugins(plugins, configuration, vault) })
        settings.metrics = { Metrics.shared.recentExposition() }
        // Not a setting of its own: whoever holds the master key holds everything anyway.
        let key = HKDF.derive(from: configuration.masterKey, purpose: "hooksentry access tokens")
        return ManagementAPI(
            pool: PostgresPool(url: configuration.databaseURL, size: configuration.limits.managementRequests),
            streamPool: PostgresPool(url: configuration.databaseURL, size: 1, session: .management("streams")),
            catalog: plugins, vault: vault,
            tokens: AccessTokens(key: key, issuer: "hooksentry-api", audience: "hooksentry-client"),
            hasher: PasswordHasher(), limits: configuration.limits, shardCount: Int16(configuration.shardCount),
            settings: settings)
    }

    /// Only for a process that delivers: what is out of service elsewhere keeps no event waiting.
    static func makeQuarantineNotices(_ configuration: HostConfiguration) -> QuarantineNotices {
        let url = configuration.databaseURL
        return QuarantineNotices { notice throws(StoreError) in
            let store = PostgresStore(url: url, session: .management("plugin notices"))
            defer { store.close() }
            return try store.notify(notice.content, usersOf: notice.kind, plugin: notice.plugin)
        }
    }

    /// What is new is tried with every setting in use before it serves.
    static func reloadPlugins(
        _ plugins: PluginRegistry, _ configuration: HostConfiguration, _ vault: Vault
    ) -> PluginReload {
        let store = PostgresStore(url: configuration.databaseURL, session: .management("plugin reload"))
        defer { store.close() }
        return plugins.load { kind, plugin in
            try store.pluginSettings(kind, plugin).map { use in
                let identity = SealIdentity.pluginSettings(of: use.destination, kind: kind.sealName)
                return try vault.open(use.sealed, for: identity)
            } + (try store.senderMappings(for: kind, plugin))
        }
    }

    static func serverConfiguration(_ configuration: HostConfiguration) -> HTTPServer.Configuration {
        var server = HTTPServer.Configuration()
        server.address = configuration.listen.host
        server.port = configuration.listen.port
        server.headerBytes = configuration.limits.requestHeaderBytes
        server.bodyBytes = configuration.limits.managementBodyBytes
        server.blockingThreads = configuration.limits.managementRequests
        server.arrivingBytes = configuration.limits.arrivingBytes
        server.answerBytes = configuration.limits.answerBytes
        server.connections = configuration.limits.connections
        server.requestTimeout = configuration.limits.requestTimeout
        let cors = CORS(origin: configuration.corsOrigin)
        server.responseFilter = { request, response in
            cors.mark(request, &response)
            SecurityHeaders.mark(request, &response)
        }
        server.optionsHandler = { cors.preflight($0, allow: $1) }
        return server
    }
}
