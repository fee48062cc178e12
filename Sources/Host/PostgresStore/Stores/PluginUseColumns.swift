import Domain
import Ports

/// The components of a destination, as its row holds them.
struct PluginUseColumns {
    var authenticator: SealedPluginUse?
    var transformers: [SealedPluginUse]
    var retryPolicy: SealedPluginUse?

    /// The columns that `init(_:)` reads, of a table named `d`.
    static let sql = """
        d.authenticator, d.authenticator_settings, d.transformers, d.transformer_settings, d.retry_policy,
        d.retry_policy_settings
        """

    init(_ row: inout Row) throws(StoreError) {
        authenticator = try Self.use(row.optional(), row.optional())
        let names = try row.array(of: String.self)
        let settings = try row.array(of: [UInt8].self)
        transformers = zip(names, settings).compactMap { Self.use($0, $1) }
        retryPolicy = try Self.use(row.optional(), row.optional())
    }

    private static func use(_ plugin: String?, _ settings: [UInt8]?) -> SealedPluginUse? {
        guard let plugin, let settings else { return nil }
        return SealedPluginUse(plugin: plugin, sealedSettings: settings)
    }
}

extension BreakerRecord {
    /// The columns that `read` takes, of a table named `b` that may have no such row.
    static let columns = "b.state, b.consecutive_failures, b.next_probe_at"

    static func read(_ row: inout Row, of destination: DestinationID) throws(StoreError) -> BreakerRecord? {
        let state: Int16? = try row.optional()
        let failures: Int32? = try row.optional()
        let nextProbeAt: Timestamp? = try row.optional()
        guard let state, let failures, let known = CircuitBreaker.State(rawValue: state) else { return nil }
        return BreakerRecord(
            destinationID: destination, state: known, consecutiveFailures: Int(failures), nextProbeAt: nextProbeAt)
    }
}
