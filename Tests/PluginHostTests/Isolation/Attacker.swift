import Domain
import Foundation
import Ports
import Telemetry
import Testing
import Threading

@testable import PluginHost

/// The fault plugin that does what it is told, in a process of its own.
final class Attacker: Sendable {
    let metrics = Metrics()
    let registry: PluginRegistry
    private let told = Monitor<[QuarantineChange]>([])

    init(limits: Limits) throws {
        registry = try makeRegistry("attacks", limits: limits, mode: .process, metrics: metrics) { [told] change in
            told.change { $0.append(change) }
        }
    }

    /// What was said of quarantines, once there are so many.
    func quarantineChanges(_ count: Int) -> [QuarantineChange] {
        let limit = monotonicNanoseconds() + 20_000_000_000
        return told.wait(until: limit) { $0.count >= count ? $0 : nil } ?? told.withLock { $0 }
    }

    /// Used by one thread at a time.
    struct Instance: @unchecked Sendable {
        let value: any TransformerInstance
        func apply(_ payload: [UInt8], _ context: PluginCallContext) throws -> [UInt8] {
            try value.apply(payload, context)
        }
    }

    func instance(_ action: String) throws -> Instance {
        let settings = action.isEmpty ? "{}" : #"{"note":"\#(action)"}"#
        return Instance(
            value: try registry.makeTransformer("Fault.attacks", settings: Array(settings.utf8), storageKey: action))
    }

    /// Once the process is there.
    func applied(_ action: String, to payload: [UInt8]) throws -> [UInt8] {
        let instance = try instance(action)
        return try untilAvailable { try instance.apply(payload, PluginCallContext()) }
    }

    func fault(_ action: String) -> PluginFault? {
        do {
            _ = try applied(action, to: [1])
            Issue.record("\(action) succeeded")
            return nil
        } catch {
            return error as? PluginFault
        }
    }

    /// Repeats what could not be tried because the process rests.
    func untilAvailable<Output>(_ body: () throws -> Output) throws -> Output {
        let limit = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try body()
            } catch let fault as PluginFault where fault.cause == .unavailable && ContinuousClock.now < limit {
                try awaitChange()
            }
        }
    }

    var library: IsolatedLibrary {
        get throws { try #require(try registry.component(.transformer, "Fault.attacks").home?.library) }
    }

    var callsInFlight: Int {
        (try? library.state.withLock { [shape = try library.shape] state in shape.slots - state.free.count }) ?? 0
    }

    func eventually(_ condition: () -> Bool) throws {
        let limit = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < limit, "the condition did not come true")
            try awaitChange()
        }
    }

    /// Until something about the library changes, or a millisecond has passed: not every condition is about it.
    private func awaitChange() throws {
        var isFirst = true
        _ = try library.state.wait(until: monotonicNanoseconds() + 1_000_000) { _ -> Void? in
            defer { isFirst = false }
            return isFirst ? nil : ()
        }
    }
}

extension Limits {
    /// A rest that a test can wait for, and time for calls on a busy machine.
    static var quick: Limits {
        var limits = Limits()
        limits.pluginCall = .seconds(5)
        limits.pluginRestart = .milliseconds(1)
        limits.pluginMemoryBytes = 16 << 20
        return limits
    }
}
