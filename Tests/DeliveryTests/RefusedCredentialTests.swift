import Crypto
import Domain
import Ports
import Testing
import Threading

@testable import Delivery

/// What a lane makes of a 401.
@Suite struct RefusedCredentialTests {
    private let plugin = Monitor(TokenAuthenticator.State())
    private let courier = KeptCourier()
    private let concluded = Monitor<[Conclusion]>([])
    private let settings: SettingsSnapshot
    private let lane: ChainLane

    init() throws {
        let vault = try Vault(masterKey: Array(1...32))
        let concluded = concluded
        lane = ChainLane(
            LaneEnvironment(
                catalog: TokenCatalog(state: plugin), vault: vault, courier: courier, clock: DatabaseClock(),
                limits: Limits(), transformedBytes: TransformedBytes(limit: 10_000),
                conclude: { new in concluded.change { $0 += new } }))
        var settings = makeSettings()
        let identity = SealIdentity.pluginSettings(of: settings.id, kind: "authenticator")
        settings.authenticator = SealedPluginUse(
            plugin: "Token", sealedSettings: vault.seal(Array("{}".utf8), for: identity))
        self.settings = SettingsSnapshot(settings)
        lane.start()
    }

    /// Those of the first so many requests, once there are.
    private func tokens(_ count: Int) throws -> [UInt64] { try #require(courier.tokens(count)) }

    private func conclusions(_ count: Int) throws -> [Conclusion] {
        try #require(wait(concluded) { $0.count == count ? $0 : nil })
    }

    @Test func `a late 401 for an earlier token does not cost the new one`() throws {
        lane.mailbox.post(.attempt(makeEvent(1), settings))
        lane.mailbox.post(answered(try tokens(1)[0], status: 200))
        let first = try tokens(2)[1]
        lane.mailbox.post(.attempt(makeEvent(2), settings))
        let second = try tokens(3)[2]
        // The first one's 401 gets another token.
        lane.mailbox.post(answered(first, status: 401))
        lane.mailbox.post(answered(try tokens(4)[3], status: 200))
        let again = try tokens(5)[4]
        // The second was sent with the token before.
        lane.mailbox.post(answered(second, status: 401))
        let secondAgain = try tokens(6)[5]
        lane.mailbox.post(contentsOf: [answered(again, status: 200), answered(secondAgain, status: 200)])
        #expect(try conclusions(2).map(\.record?.outcome) == [.succeeded, .succeeded])
        let state = plugin.withLock { $0 }
        #expect(state.rejections == 1 && state.fetches == 2)
        lane.stop()
    }

    @Test func `an attempt that was refused counts when the plugin is away afterwards`() throws {
        plugin.change { $0.hasToken = true }
        lane.mailbox.post(.attempt(makeEvent(1), settings))
        let sent = try tokens(1)[0]
        plugin.change { $0.isAway = true }
        // Nothing was tried with this one.
        lane.mailbox.post(.attempt(makeEvent(2), settings))
        lane.mailbox.post(answered(sent, status: 401))
        let all = try conclusions(2)
        #expect(all.map(\.event.item.eventID.low) == [2, 1])
        #expect(all.map(\.record?.outcome) == [nil, .plugin])
        lane.stop()
    }
}

private final class TokenCatalog: PluginCatalog {
    private let state: Monitor<TokenAuthenticator.State>
    let components: [PluginDescription] = []
    let generation = 1

    init(state: Monitor<TokenAuthenticator.State>) { self.state = state }

    func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault) {}
    func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8] { settings }

    func makeTransformer(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any TransformerInstance
    {
        throw PluginFault(component: plugin, cause: .missing, sentence: "none here")
    }

    func makeAuthenticator(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any AuthenticatorInstance
    {
        TokenAuthenticator(state)
    }

    func makeRetryPolicy(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any RetryPolicyInstance
    {
        throw PluginFault(component: plugin, cause: .missing, sentence: "none here")
    }
}

/// Fetches a token when it has none, and drops it when it hears of a 401.
private final class TokenAuthenticator: AuthenticatorInstance {
    struct State {
        var hasToken = false
        var isAway = false
        var rejections = 0
        var fetches = 0
    }

    let title = "Token 1.0.0"
    private let state: Monitor<State>

    init(_ state: Monitor<State>) { self.state = state }

    func authenticate(
        method: String, url: String, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) -> AuthenticationStep {
        let (hasToken, isAway) = state.withLock { ($0.hasToken, $0.isAway) }
        if isAway { throw PluginFault(component: title, cause: .unavailable, sentence: "is being started") }
        if hasToken { return .headers([]) }
        return .needsFetch(FetchRequest(method: "POST", url: "https://example.test/token", headers: [], body: []))
    }

    func fetched(status: Int, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext) throws(PluginFault) {
        state.change {
            $0.hasToken = true
            $0.fetches += 1
        }
    }

    func rejected(status: Int, _ context: PluginCallContext) -> Bool {
        state.change {
            $0.hasToken = false
            $0.rejections += 1
        }
        return true
    }
}
