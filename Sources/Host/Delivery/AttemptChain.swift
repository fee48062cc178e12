import Crypto
import Domain
import Ports

/// The instances that serve one destination under one version of its settings, with its tenant's secrets: transformers,
/// authenticator, signer, retry policy. Belongs to one lane; calls to its instances therefore never overlap.
final class AttemptChain {
    private let settingsVersion: Int64
    /// What the signers are made of.
    private let secrets: [SealedSecret]
    /// Of the plugins its instances are from.
    let pluginGeneration: Int
    let transformers: [any TransformerInstance]
    let authenticator: (any AuthenticatorInstance)?
    let retryPolicy: (any RetryPolicyInstance)?
    let signers: [ExpiringSigner]
    /// `["Mapping 1.0.0", "BearerToken 1.0.0"]`.
    let titles: [String]
    /// The authenticator's place among the titles; it comes after the transformers.
    var authenticatorStep: Int { transformers.count }
    /// Why no request can be made; the retry policy may still work.
    let problem: PluginFault?
    /// Set when there is a problem: the chain is built anew after that.
    let retryBuildAt: ContinuousClock.Instant?

    /// Another thread is stuck in one of its instances: none of them may be called any more.
    var isAbandoned = false
    /// A fetch for the authenticator is under way; others wait for its result.
    var isFetching = false
    var waitingForFetch: [Attempt] = []
    /// How many times the authenticator was handed what it had to fetch: which credential is the newest.
    var credentials = 0

    struct ExpiringSigner {
        let signer: WebhookSigner
        /// Nil: current.
        let validUntil: Timestamp?
    }

    /// Opens seals and makes instances. Never throws: what went wrong is kept as `problem`. defaultPolicy: serves where
    /// the destination has none of its own, or none that can be made.
    init(
        _ settings: DestinationSettings, catalog: any PluginCatalog, vault: Vault,
        defaultPolicy: (any RetryPolicyInstance)?
    ) {
        settingsVersion = settings.settingsVersion
        secrets = settings.secrets
        // Before any instance is made: a reload meanwhile makes the chain old and not wrong.
        pluginGeneration = catalog.generation
        let builder = Builder(settings: settings, catalog: catalog, vault: vault)
        var problem: PluginFault?
        var transformers: [any TransformerInstance] = []
        var authenticator: (any AuthenticatorInstance)?
        var signers: [ExpiringSigner] = []
        do throws(PluginFault) {
            for (index, use) in settings.transformers.enumerated() {
                transformers.append(try builder.transformer(use, index))
            }
            if let use = settings.authenticator { authenticator = try builder.authenticator(use) }
            signers = try builder.signers()
        } catch {
            problem = error
        }
        self.transformers = transformers
        self.authenticator = authenticator
        self.signers = signers
        self.problem = problem
        // A policy that cannot be had is replaced by the default one: an event is never lost to a broken policy.
        var chosen: (any RetryPolicyInstance)?
        var policyProblem: PluginFault?
        do throws(PluginFault) {
            chosen = try settings.retryPolicy.map { use throws(PluginFault) in try builder.retryPolicy(use) }
        } catch {
            policyProblem = error
        }
        retryPolicy = chosen ?? defaultPolicy
        retryBuildAt = Self.retryBuild(problem, policyProblem)
        titles = transformers.map(\.title) + [authenticator?.title].compactMap { $0 }
    }

    /// What a crash spoiled is built again for the next event: it may find the plugin away, and then costs no attempt.
    private static func retryBuild(_ problem: PluginFault?, _ policyProblem: PluginFault?) -> ContinuousClock.Instant? {
        if problem?.cause == .crash { return .now }
        if problem != nil || policyProblem?.cause == .crash { return .now + .seconds(5) }
        return nil
    }

    /// For a destination whose plugin did not return: every attempt fails with the fault until it is time to try again.
    init(
        outOfService fault: PluginFault, _ settings: SettingsSnapshot, pluginGeneration: Int,
        defaultPolicy: DefaultPolicy
    ) {
        settingsVersion = settings.settings.settingsVersion
        secrets = settings.settings.secrets
        self.pluginGeneration = pluginGeneration
        transformers = []
        authenticator = nil
        retryPolicy = defaultPolicy.made
        signers = []
        titles = []
        problem = fault
        retryBuildAt = .now + LaneEnvironment.outOfServiceTime
    }

    /// Whether it was made from these settings. The secrets are the tenant's: replacing one changes no destination's
    /// version.
    func isMade(from settings: DestinationSettings) -> Bool {
        settingsVersion == settings.settingsVersion && secrets == settings.secrets
    }

    private struct Builder {
        let settings: DestinationSettings
        let catalog: any PluginCatalog
        let vault: Vault

        func transformer(_ use: SealedPluginUse, _ index: Int) throws(PluginFault) -> any TransformerInstance {
            try catalog.makeTransformer(
                use.plugin, settings: opened(use, "transformer"), storageKey: storageKey(use, "transformer-\(index)"))
        }

        func authenticator(_ use: SealedPluginUse) throws(PluginFault) -> any AuthenticatorInstance {
            try catalog.makeAuthenticator(
                use.plugin, settings: opened(use, "authenticator"), storageKey: storageKey(use, "authenticator"))
        }

        func retryPolicy(_ use: SealedPluginUse) throws(PluginFault) -> any RetryPolicyInstance {
            try catalog.makeRetryPolicy(
                use.plugin, settings: opened(use, "retry-policy"), storageKey: storageKey(use, "retry-policy"))
        }

        func signers() throws(PluginFault) -> [ExpiringSigner] {
            var signers: [ExpiringSigner] = []
            for secret in settings.secrets {
                let opened = try open(secret.sealed, SealIdentity.webhookSecret(of: settings.tenantID), "signer")
                let signer = WebhookSigner(secret: String(decoding: opened, as: UTF8.self))
                signers.append(ExpiringSigner(signer: signer, validUntil: secret.validUntil))
            }
            return signers
        }

        private func opened(_ use: SealedPluginUse, _ kind: String) throws(PluginFault) -> [UInt8] {
            try open(use.sealedSettings, SealIdentity.pluginSettings(of: settings.id, kind: kind), use.plugin)
        }

        private func open(_ sealed: [UInt8], _ identity: String, _ component: String) throws(PluginFault) -> [UInt8] {
            do {
                return try vault.open(sealed, for: identity)
            } catch {
                throw PluginFault(
                    component: component, cause: .invalidSettings,
                    sentence: "its stored secret cannot be decrypted; was the master key changed?")
            }
        }

        private func storageKey(_ use: SealedPluginUse, _ part: String) -> String {
            "\(settings.id)/\(part)/\(use.plugin)/\(settings.settingsVersion)"
        }
    }
}

/// The policy of destinations that have chosen none: `Schedule` as the contract has it. One instance a lane.
final class DefaultPolicy {
    /// Nil before it was first wanted.
    private(set) var made: (any RetryPolicyInstance)?
    private var generation = 0

    /// call: runs foreign code. What it makes is taken here afterwards, not inside: a thread that does not come back
    /// from there must not touch what its successor uses.
    func instance(
        _ catalog: any PluginCatalog,
        _ call: (() -> (any RetryPolicyInstance)?) throws -> (any RetryPolicyInstance)?
    ) rethrows -> (any RetryPolicyInstance)? {
        let current = catalog.generation
        guard made == nil || generation != current else { return made }
        let new = try call {
            try? catalog.makeRetryPolicy("Schedule", settings: Array("{}".utf8), storageKey: "default")
        }
        if let new { made = new }
        generation = current
        return made
    }
}
