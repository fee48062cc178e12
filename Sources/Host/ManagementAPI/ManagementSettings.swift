import Crypto
import Domain
import Ports

/// What the API takes from its surroundings, and the durations it promises.
package struct ManagementSettings: Sendable {
    /// The time now.
    package var clock: @Sendable () -> Timestamp
    /// Chance for ids. Tokens and secrets always come from the system.
    package var random: @Sendable () -> UInt64 = { SecureRandom.number() }
    /// Plain `http` destinations are accepted.
    package var allowsHTTP = false
    /// Why deliveries to this host of a URL would be refused (a blocked address, say), as the end of a sentence that
    /// begins with the field's name; nil: no reason is known.
    package var hostProblem: @Sendable (String) -> String? = { _ in nil }
    /// Peers whose forwarding headers are believed; they must overwrite what their clients send.
    package var trustedProxies: [AddressRange] = []
    /// Every part that traffic needs or profits from.
    package var readiness: @Sendable () -> [PartHealth] = { [] }
    /// The metrics in the Prometheus text format, version 0.0.4.
    package var metrics: @Sendable () -> String = { "" }

    /// Accepts a test event; blocks until its commit.
    package var acceptTestEvent: @Sendable (_ payload: [UInt8], IngestTarget) -> TestEventAnswer = { _, _ in
        .unavailable
    }
    /// Opens the routes for operators; empty: they are closed.
    package var operatorToken = ""
    /// Nil: those routes are closed.
    package var plugins: PluginAdministration?

    package var accessTokenLifetime = Duration.seconds(15 * 60)
    package var refreshTokenLifetime = Duration.seconds(7 * 24 * 3_600)
    /// How long this node may go on believing what it last read about an access token.
    package var sessionCacheTime = Duration.seconds(2)
    /// How long a stream may go on after its token was denied or its user deactivated.
    package var streamRecheck = Duration.seconds(5)

    /// The window of `Limits.tenantsPerAddress`.
    package var tenantWindow = Duration.seconds(3_600)
    /// The window of `Limits.registrationsPerAddress`.
    package var registrationWindow = Duration.seconds(3_600)
    /// The longest time for which a replaced webhook secret may stay valid.
    package var secretOverlapMax = Duration.seconds(7 * 24 * 3_600)

    package init(clock: @escaping @Sendable () -> Timestamp) { self.clock = clock }
}

/// Whether one part of the process works.
package struct PartHealth: Sendable {
    package var name: String
    /// Without it the process is not ready.
    package var isVital: Bool
    /// Why it does not work; nil: it does.
    package var reason: String?

    package init(name: String, isVital: Bool = true, reason: String?) {
        self.name = name
        self.isVital = isVital
        self.reason = reason
    }
}
