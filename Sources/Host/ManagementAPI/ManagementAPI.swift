// ManagementAPI: tenants, their people, keys, destinations, senders and events over REST.
//
// Threads: every handler but those of health and metrics is a blocking one and may run on any number of threads at
// once. A handler borrows a store for as long as it reads or writes rows and for no longer: passwords are hashed and
// plugins are tried without one. States kept here are two small caches of what the store knows about access tokens
// (`SessionCache`), how many requests each tenant has under way (`TenantTurns`), and the open streams (`StreamHub`),
// which one thread feeds that starts with the first of them.

import Crypto
import Domain
import HTTPServer
import Ports
import Telemetry

/// The REST management API: makes the routes, and answers them from a store, a plugin catalog and a vault.
package struct ManagementAPI: Sendable {
    let pool: any ManagementStorePool
    let catalog: any PluginCatalog
    let vault: Vault
    let tokens: AccessTokens
    let hasher: PasswordHasher
    let limits: Limits
    let shardCount: Int16
    let settings: ManagementSettings
    let sessions = SessionCache()
    let boundedCalls = BoundedCalls()
    let turns: TenantTurns
    let servedDocument = ServedDocument()
    let streams: StreamHub
    let previews: TransformerPreview
    let log = Log("api")

    /// shardCount: the database's, fixed when it was created. streamPool: for open streams, which then neither wait
    /// for long lists nor keep them waiting.
    package init(
        pool: any ManagementStorePool, streamPool: any ManagementStorePool, catalog: any PluginCatalog, vault: Vault,
        tokens: AccessTokens, hasher: PasswordHasher, limits: Limits, shardCount: Int16, settings: ManagementSettings
    ) {
        self.pool = pool
        self.catalog = catalog
        self.vault = vault
        self.tokens = tokens
        self.hasher = hasher
        self.limits = limits
        self.shardCount = shardCount
        self.settings = settings
        turns = TenantTurns(most: limits.managementRequestsPerTenant)
        streams = StreamHub(
            StreamHub.Environment(
                pool: streamPool, limits: limits, clock: settings.clock, recheck: settings.streamRecheck))
        previews = TransformerPreview(catalog: catalog, limits: limits)
    }

    package var routes: [Route] {
        [
            authRoutes, tenantRoutes, webhookSecretRoutes, userRoutes, inviteRoutes, apiKeyRoutes, destinationRoutes,
            senderRoutes, mappingRoutes, pluginRoutes, eventRoutes, purgeRoutes, previewRoutes, testEventRoutes,
            replayRoutes, notificationRoutes, streamRoutes, metricsRoutes, adminRoutes, healthRoutes, documentRoutes,
        ].flatMap { $0 }
    }

    /// Ends all streams; their clients connect to another node, or to this one when it is back.
    package func stop() { streams.stop() }

    func newID<Of>(of: Of.Type = Of.self) -> ID<Of> {
        ID(at: settings.clock(), random: (settings.random(), settings.random()))
    }
}
