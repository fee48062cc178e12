import Domain
import Ports
import Telemetry
import Testing
import Threading

@testable import PluginHost

@Suite("What calls hear of an isolated library that has no slot for them")
struct IsolatedLibraryTests {
    private func took(_ body: () throws -> Void) rethrows -> Duration {
        let start = ContinuousClock.now
        try body()
        return .now - start
    }

    @Test("While it starts, a delivery hears so at once, and who makes settings waits for as long as it said")
    func starting() throws {
        let file = LibraryFile(
            path: "/nowhere/libNothing.so", identity: LibraryFile.Identity(device: 0, inode: 0), digest: "",
            mentionsEntry: true)
        let launch = IsolatedLibrary.Launch(executable: "/nowhere", arguments: [], limits: Limits())
        let library = IsolatedLibrary(
            file, launch, metrics: Metrics(), log: Log("plugin"), quarantineWatch: { _ in })
        let patience: Int64 = 30_000_000_000
        let short = took {
            let unavailable = #expect(throws: IsolatedLibrary.Unavailable.self) {
                try library.lease(for: "A", until: monotonicNanoseconds() + patience, waitsForStart: false)
            }
            #expect(unavailable?.words == "is being started")
            #expect((50_000_000...100_000_000).contains(unavailable?.retryAfter ?? 0))
        }
        #expect(short < .seconds(10))
        let long = took {
            _ = #expect(throws: IsolatedLibrary.Unavailable.self) {
                try library.lease(for: "A", until: monotonicNanoseconds() + 50_000_000, waitsForStart: true)
            }
        }
        #expect(long >= .milliseconds(50))
        #expect(!library.isServing(0))
    }

    @Test("A call that finds no free slot waits until its deadline and no longer")
    func noSlot() throws {
        var limits = Limits.quick
        limits.pluginCallsInFlight = 1
        limits.pluginCall = .seconds(60)
        let attacker = try Attacker(limits: limits)
        let waiting = try attacker.instance("wait")
        let thread = WorkerThread("waiting") { _ = try? waiting.apply([1], PluginCallContext()) }
        try attacker.eventually { attacker.callsInFlight == 1 }
        let library = try attacker.library
        // The fastest of some: a busy machine can make any of them late.
        let times = (0..<5).map { _ in
            took {
                let unavailable = #expect(throws: IsolatedLibrary.Unavailable.self) {
                    try library.lease(for: "A", until: monotonicNanoseconds() + 1_000_000, waitsForStart: false)
                }
                #expect(unavailable?.words == "has all 1 calls in flight")
            }
        }
        #expect(try #require(times.min()) < .milliseconds(400))
        attacker.registry.stop()
        thread.join()
    }

    @Test("A process that ends over a refused credential has no other one")
    func rejection() throws {
        let registry = try makeRegistry("crashes_on_rejection", limits: .quick, mode: .process)
        let instance = try registry.makeAuthenticator(
            "Fault.crashes-on-rejection", settings: Array("{}".utf8), storageKey: "k")
        #expect(!instance.rejected(status: 401, PluginCallContext(attemptNumber: 1)))
    }

    @Test("The old version and the new one count under one name")
    func meters() {
        let metrics = Metrics()
        let old = IsolationMeters(library: "a", metrics: metrics)
        let new = IsolationMeters(library: "a", metrics: metrics)
        func running(_ count: Int) -> Bool {
            metrics.exposition().contains("hooksentry_plugin_process_running{library=\"a\"} \(count)\n")
        }
        old.isRunning(true)
        new.isRunning(true)
        #expect(running(2))
        old.isRunning(false)
        old.isRunning(false)
        #expect(running(1))
        new.isRunning(false)
        #expect(running(0))
    }
}
