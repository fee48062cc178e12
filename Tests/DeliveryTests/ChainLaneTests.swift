import Crypto
import Domain
import Glibc
import Ports
import Testing
import Threading

@testable import Delivery

/// A lane whose plugin does not return.
@Suite struct ChainLaneTests {
    private let control = Control()
    private let courier = KeptCourier()
    private let concluded = Monitor<[Conclusion]>([])
    private let vault: Vault
    private let lane: ChainLane

    init() throws {
        vault = try Vault(masterKey: Array(1...32))
        let concluded = concluded
        lane = ChainLane(
            LaneEnvironment(
                catalog: StuckCatalog(control: control), vault: vault, courier: courier, clock: DatabaseClock(),
                limits: Limits(), transformedBytes: TransformedBytes(limit: 10_000),
                conclude: { new in concluded.change { $0 += new } }))
        lane.start()
    }

    @Test func `nothing is called of a chain that a stuck thread is in`() throws {
        let settings = snapshot(1)
        lane.mailbox.post(contentsOf: [.attempt(makeEvent(1), settings), .attempt(makeEvent(2), settings)])
        let tokens = try #require(courier.tokens(2))
        lane.mailbox.post(refused(tokens[0]))
        #expect(control.waits { $0.rejected == 1 })
        replaceThread()
        // Its attempt was under way, and is asked of nobody whether there is another credential.
        lane.mailbox.post(refused(tokens[1]))
        let all = try #require(wait(concluded) { $0.count == 2 ? $0 : nil })
        #expect(all.map(\.event.item.eventID.low) == [1, 2])
        #expect(all.map(\.record?.outcome) == [.plugin, .authenticationRefused])
        #expect(control.waits { $0.rejected == 1 })
        end()
    }

    @Test func `a lane goes on when instances do not let themselves be destroyed`() throws {
        control.state.change { $0.isDestroyStuck = true }
        lane.mailbox.post(.attempt(makeEvent(1), snapshot(1)))
        let tokens = try #require(courier.tokens(1))
        lane.mailbox.post(answered(tokens[0], status: 200))
        #expect(wait(concluded) { $0.count == 1 ? $0 : nil } != nil)
        lane.mailbox.post(.forget(DestinationID(high: 7, low: 1)))
        #expect(control.waits { $0.destroyed == 1 })
        replaceThread()
        lane.mailbox.post(.attempt(makeEvent(2, destination: 2), snapshot(2)))
        #expect(courier.tokens(2) != nil)
        end()
    }

    @Test func `instances that an attempt outlives are destroyed where it is watched`() throws {
        lane.mailbox.post(.attempt(makeEvent(1), snapshot(1)))
        let tokens = try #require(courier.tokens(1))
        lane.mailbox.post(.forget(DestinationID(high: 7, low: 1)))
        control.state.change { $0.isDestroyStuck = true }
        lane.mailbox.post(answered(tokens[0], status: 200))
        #expect(control.waits { $0.destroyed == 1 })
        replaceThread()
        lane.mailbox.post(.attempt(makeEvent(2, destination: 2), snapshot(2)))
        #expect(courier.tokens(2) != nil)
        end()
    }

    @Test func `one that does not let itself be destroyed takes a portion with it`() throws {
        let count = LaneEnvironment.droppedAtOnce + 36
        for number in 1...UInt64(count) {
            lane.mailbox.post(.attempt(makeEvent(number, destination: number), snapshot(number)))
        }
        for token in try #require(courier.tokens(count)) { lane.mailbox.post(answered(token, status: 200)) }
        #expect(wait(concluded) { $0.count == count ? $0 : nil } != nil)
        control.state.change { state in
            state.generation += 1
            state.isDestroyStuck = true
        }
        lane.mailbox.post(.attempt(makeEvent(1_000, destination: 1_000), snapshot(1_000)))
        #expect(control.waits { $0.destroyed == 1 })
        replaceThread()
        #expect(control.waits { $0.destroyed == 1 + 36 })
        end()
    }

    @Test func `bodies that grow are sent while there is memory for them`() throws {
        var settings = settings(1)
        settings.authenticator = nil
        settings.transformers = [
            SealedPluginUse(
                plugin: "Growing",
                sealedSettings: vault.seal(
                    Array("{}".utf8), for: SealIdentity.pluginSettings(of: settings.id, kind: "transformer")))
        ]
        let snapshot = SettingsSnapshot(settings)
        for number in 1...3 { lane.mailbox.post(.attempt(makeEvent(UInt64(number)), snapshot)) }
        let tokens = try #require(courier.tokens(1))
        let postponed = try #require(wait(concluded) { $0.count == 2 ? $0 : nil })
        #expect(postponed.map(\.event.item.eventID.low) == [2, 3])
        #expect(postponed.allSatisfy { $0.record == nil && !$0.reachedDestination })
        lane.mailbox.post(contentsOf: [answered(tokens[0], status: 200), .attempt(makeEvent(4), snapshot)])
        #expect(courier.tokens(2) != nil)
        end()
    }

    @Test func `making a chain has the time of as many calls as it takes`() throws {
        var settings = settings(1)
        settings.transformers = (0..<3).map { _ in SealedPluginUse(plugin: "Slow", sealedSettings: []) }
        let work = ChainLane.Work.preparing(makeEvent(1), SettingsSnapshot(settings))
        #expect(work.calls == 5)
        end()
    }

    // MARK: - Making and waiting

    private func settings(_ destination: UInt64) -> DestinationSettings {
        var settings = makeSettings()
        settings.id = DestinationID(high: 7, low: destination)
        let identity = SealIdentity.pluginSettings(of: settings.id, kind: "authenticator")
        settings.authenticator = SealedPluginUse(
            plugin: "Stuck", sealedSettings: vault.seal(Array("{}".utf8), for: identity))
        return settings
    }

    private func snapshot(_ destination: UInt64) -> SettingsSnapshot { SettingsSnapshot(settings(destination)) }

    private func refused(_ token: UInt64) -> ChainLane.Message { answered(token, status: 401) }

    /// As the dispatcher does, once the call has taken longer than it may.
    private func replaceThread() {
        let limit = ContinuousClock.now + .seconds(20)
        while !lane.replaceThread(stuckFor: .microseconds(1)), .now < limit {}
    }

    private func end() {
        control.state.change { $0.isOpen = true }
        lane.stop()
    }
}

/// What the lane hears of a request that was answered.
func answered(_ token: UInt64, status: Int) -> ChainLane.Message {
    .answered(
        CourierResult(
            token: token, answer: .response(status: status, headers: [], body: [], retryAfter: nil, truncated: false),
            duration: .zero))
}

/// At most 20 seconds.
func wait<State, Answer>(_ monitor: Monitor<State>, _ ask: (inout State) -> Answer?) -> Answer? {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return monitor.wait(until: Int64(now.tv_sec + 20) * 1_000_000_000, ask)
}

/// What the plugin has been asked for, and whether it returns.
private final class Control: Sendable {
    struct State {
        var rejected = 0
        var destroyed = 0
        /// The next one to be destroyed does not return.
        var isDestroyStuck = false
        var generation = 1
        var isOpen = false
    }

    let state = Monitor(State())

    func waits(_ condition: (State) -> Bool) -> Bool { wait(state) { condition($0) ? true : nil } ?? false }

    func block() { _ = waits(\.isOpen) }
}

/// Keeps the requests that it is sent, and answers none.
final class KeptCourier: Courier {
    private let requests = Monitor<[CourierRequest]>([])
    let backlog = 0

    func send(_ requests: [CourierRequest], completed: @escaping @Sendable ([CourierResult]) -> Void) {
        self.requests.change { $0 += requests }
    }

    /// Of so many requests, once there are.
    func tokens(_ count: Int) -> [UInt64]? { wait(requests) { $0.count == count ? $0.map(\.token) : nil } }
}

private final class StuckCatalog: PluginCatalog {
    private let control: Control
    let components: [PluginDescription] = []
    var generation: Int { control.state.change { $0.generation } }

    init(control: Control) { self.control = control }

    func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault) {}
    func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8] { settings }

    func makeTransformer(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any TransformerInstance
    {
        GrowingTransformer()
    }

    func makeAuthenticator(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any AuthenticatorInstance
    {
        StuckAuthenticator(control)
    }

    func makeRetryPolicy(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any RetryPolicyInstance
    {
        throw PluginFault(component: plugin, cause: .missing, sentence: "none here")
    }
}

private final class GrowingTransformer: TransformerInstance {
    let title = "Growing 1.0.0"

    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        TransformedPayload(payload + Array(repeating: 0, count: 6_000))
    }
}

private final class StuckAuthenticator: AuthenticatorInstance {
    let title = "Stuck 1.0.0"
    private let control: Control

    init(_ control: Control) { self.control = control }

    deinit {
        let isStuck = control.state.change { state in
            state.destroyed += 1
            defer { state.isDestroyStuck = false }
            return state.isDestroyStuck
        }
        if isStuck { control.block() }
    }

    func authenticate(
        method: String, url: String, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) -> AuthenticationStep {
        .headers([])
    }

    func fetched(status: Int, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext) throws(PluginFault)
    {}

    func rejected(status: Int, _ context: PluginCallContext) -> Bool {
        control.state.change { $0.rejected += 1 }
        control.block()
        return true
    }
}
